"""The pages: no session before the code, nothing open before the set-up, and what administrators see."""

import re
from base64 import b32decode
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.factor.models import FactorReset, SecondFactor
from portal.accounts.factor.rules import CODE_TIME
from portal.accounts.models import Person, SignInSession
from portal.core import clock
from portal.core.access import Role
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.factor import RECOVERY, app_shows, make_factor

SignIn = Callable[[FlaskClient, Person], None]
OWN = "/account/second-factor"
STEP_TWO = "/sign-in/second-factor"


@pytest.fixture
def required(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production, roles need their second factor."""
    monkeypatch.setitem(app.config, "SECOND_FACTOR_REQUIRED", True)


def password(client: FlaskClient, person: Person, target: str = "") -> TestResponse:
    data = {"email": person.email, "password": PASSWORD}
    return client.post("/sign-in", query_string={"next": target} if target else {}, data=data)


def protected(*roles: Role) -> Person:
    person = make_person(*roles)
    make_factor(person)
    return person


def set_up(client: FlaskClient) -> list[str]:
    """Go through the pages, and return the recovery codes."""
    assert client.post(OWN, data={"password": PASSWORD}).location == f"{OWN}/new"
    page = client.get(f"{OWN}/new")
    assert page.headers["Cache-Control"] == "no-store"
    text = re.search(r'<code class="scan-code__text">([A-Z2-7 ]+)</code>', page.text)
    assert text is not None
    secret = b32decode(text[1].replace(" ", ""))
    wrong = client.post(f"{OWN}/new", data={"code": "nonsense"})
    assert (wrong.status_code, "nonsense" in wrong.text) == (422, False)
    codes = client.post(f"{OWN}/new", data={"code": app_shows(secret)})
    assert (codes.status_code, codes.headers["Cache-Control"]) == (200, "no-store")
    return re.findall(r"<code>([0-9a-z-]{19})</code>", codes.text)


@pytest.mark.usefixtures("required")
def test_who_needs_one_sets_it_up_before_anything_else(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    person = make_person(Role.ADMINISTRATOR)
    sign_in(client, person)
    for address in ("/desk", "/people", "/account/sessions", "/account/mail", "/inbox"):
        assert client.get(address).location == OWN
    assert client.post("/inbox/read").location == OWN
    assert client.post(f"{OWN}/remove", data={"password": PASSWORD}).location == OWN
    assert person.name in client.get("/").text
    page = client.get(OWN).text
    assert "完成之前其他页面均不开放" in page
    codes = set_up(client)
    assert len(codes) == 10
    assert client.get("/people").status_code == 200
    page = client.get(OWN).text
    assert "剩余 10 个恢复码" in page
    assert f'action="{OWN}/remove"' not in page
    assert client.post(f"{OWN}/remove", data={"password": PASSWORD}).status_code == 403
    client.post("/sign-out")
    assert password(client, person).location == STEP_TWO
    assert client.post(STEP_TWO, data={"code": codes[0]}).location == "/desk"
    assert client.get("/people").status_code == 200
    assert client.post("/sign-out").status_code == 303


def test_until_then_public_pages_show_what_everybody_sees(
    client: FlaskClient,
    app: Flask,
    session: Session,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = make_challenge()
    sign_in(client, make_officer(draft))
    page = f"/challenges/{draft.code}"
    assert client.get(page).status_code == 200
    monkeypatch.setitem(app.config, "SECOND_FACTOR_REQUIRED", True)
    assert client.get(page).status_code == 404


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize(("role", "led"), [(Role.PARTNER, False), (Role.BIDDER_LEAD, True)])
def test_who_needs_none_is_not_asked(
    client: FlaskClient, session: Session, sign_in: SignIn, role: Role, led: bool
) -> None:
    sign_in(client, make_person(role))
    assert (client.get("/desk").location == OWN) == led


def test_where_it_is_offered_nobody_is_led_and_who_has_one_may_remove_it(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    person = make_person(Role.CITY_OFFICER)
    sign_in(client, person)
    assert client.get("/desk").status_code == 200
    assert client.get(f"{OWN}/new").location == OWN  # nothing is being set up
    wrong = client.post(OWN, data={"password": "wrong"})
    assert (wrong.status_code, 'id="password-propose-error"' in wrong.text) == (422, True)
    first = set_up(client)
    again = client.post(f"{OWN}/recovery-codes", data={"password": PASSWORD})
    assert again.status_code == 200
    assert not any(code in again.text for code in first)
    for act, data in (("recovery-codes", {"password": "wrong"}), ("remove", {})):
        assert client.post(f"{OWN}/{act}", data=data).status_code == 422
    assert client.post(f"{OWN}/remove", data={"password": PASSWORD}).status_code == 303
    client.post("/sign-out")
    assert password(client, person).location == "/desk"


def test_between_password_and_code_there_is_no_session(
    client: FlaskClient, session: Session
) -> None:
    person = protected(Role.AUDITOR)
    assert client.get(STEP_TWO).location == "/sign-in"  # nobody waits
    answer = password(client, person, "/inbox")
    assert answer.location == f"{STEP_TWO}?next=/inbox"
    assert client.get("/desk").status_code == 302
    assert person.name not in client.get("/").text
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 0
    page = client.get(answer.location)
    assert page.headers["Cache-Control"] == "no-store"
    assert person.email not in page.text
    answers = set()
    for typed in ("000000", RECOVERY[:-1], "anything"):
        wrong = client.post(answer.location, data={"code": typed})
        assert (wrong.status_code, typed in wrong.text) == (422, False)
        (said,) = re.findall(r'id="code-error">.*?</p>', wrong.text)
        answers.add(said)
    assert len(answers) == 1
    assert client.post(STEP_TWO, data={}).status_code == 422
    entered = client.post(answer.location, data={"code": app_shows()})
    assert entered.location == "/inbox"
    assert client.get("/desk").status_code == 200
    assert client.get(STEP_TWO).location == "/sign-in"


def test_the_password_is_asked_again_when_the_code_comes_late(
    client: FlaskClient, session: Session
) -> None:
    password(client, protected(Role.AUDITOR), "/inbox")
    clock.move(session, CODE_TIME)
    late = client.post(STEP_TWO, query_string={"next": "/inbox"}, data={"code": app_shows()})
    assert late.location == "/sign-in?next=/inbox"
    assert "请重新登录" in client.get(late.location).text
    assert client.get("/desk").status_code == 302


def test_the_token_of_a_waiting_sign_in_signs_nobody_in(
    client: FlaskClient, app: Flask, session: Session
) -> None:
    password(client, protected(Role.AUDITOR))
    with client.session_transaction() as cookie:
        token = cookie["waiting"]
        cookie.clear()
        cookie["_user_id"] = token
    assert client.get("/desk").status_code == 302


def test_the_way_back_after_the_code_never_leaves_the_portal(
    client: FlaskClient, session: Session
) -> None:
    answer = password(client, protected(Role.AUDITOR), "//evil.example")
    assert client.post(answer.location, data={"code": app_shows()}).location == "/"


def test_five_wrong_codes_stop_the_sixth_even_if_it_is_right(
    client: FlaskClient, session: Session
) -> None:
    person = protected(Role.AUDITOR)
    password(client, person)
    for _ in range(5):
        assert client.post(STEP_TWO, data={"code": "abc"}).status_code == 422
    paused = client.post(STEP_TWO, data={"code": app_shows()})
    assert (paused.status_code, "5 分钟后再试" in paused.text) == (422, True)
    assert client.get("/desk").status_code == 302


def test_a_reset_takes_two_administrators_on_one_page(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    where, person, other = "/people/second-factors", protected(Role.AUDITOR), app.test_client()
    sign_in(client, make_person(Role.ADMINISTRATOR))
    sign_in(other, make_person(Role.ADMINISTRATOR))
    stranger = app.test_client()
    sign_in(stranger, make_person(Role.CITY_OFFICER))
    assert stranger.get(where).status_code == 403
    facts = {"email": person.email, "reason": "手机丢失"}
    assert client.post(where, data={**facts, "email": "nobody@example.org"}).status_code == 422
    assert client.post(where, data=facts).status_code == 303
    reset_id = session.scalar(select(FactorReset.id))
    assert "须由另一位管理员确认" in client.get(where).text
    assert f"{reset_id}/confirm" not in client.get(where).text
    assert client.post(f"{where}/{reset_id}/confirm").status_code == 403
    assert stranger.post(f"{where}/{reset_id}/confirm").status_code == 403
    assert stranger.post(f"{where}/{reset_id}/dismiss").status_code == 403
    assert f"{reset_id}/confirm" in other.get(where).text
    assert other.post(f"{where}/{reset_id}/dismiss").status_code == 303
    assert session.scalar(select(SecondFactor.id)) is not None
    client.post(where, data=facts)
    reset_id = session.scalar(select(FactorReset.id))
    assert other.post(f"{where}/{reset_id}/confirm").status_code == 303
    assert session.scalar(select(SecondFactor.id)) is None
    assert other.post(f"{where}/{reset_id}/confirm").status_code == 404
