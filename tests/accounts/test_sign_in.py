"""Signing in: the same answer and the same work whoever asks, throttled, and ended when told."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import embedded
from portal.accounts import queries, service
from portal.accounts.models import Person, SignInSession
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from tests.factories.accounts import PASSWORD, make_person
from tests.portals import own_valkey, separate

SignIn = Callable[[FlaskClient, Person], None]
WRONG = "not the password"


class CountingHasher(PasswordHasher):
    """The real hasher, which notes with which settings it worked."""

    def __init__(self) -> None:
        super().__init__()
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        """Verify, and note the hash's settings."""
        self.verified.append(str(hash).rsplit("$", 2)[0])
        return super().verify(hash, password)


def test_the_same_answer_and_the_same_work_whether_the_account_exists(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = CountingHasher()
    monkeypatch.setattr(service, "hasher", work)
    service._nobodys_hash.cache_clear()
    known = make_person(Role.AUDITOR, password_hash=work.hash(PASSWORD))
    gone = make_person(Role.AUDITOR, password_hash=work.hash(PASSWORD), active=False)
    session.commit()
    service._nobodys_hash()
    answers = []
    for email, password in (
        (known.email, WRONG),
        (gone.email, PASSWORD),
        (gone.email, WRONG),
        ("nobody@example.org", PASSWORD),
    ):
        page = client.post("/sign-in", data={"email": email, "password": password})
        told = re.sub(r"<main.*?>|name=\"csrf[^>]*>", "", page.text.partition("<main")[2])
        answers.append((page.status_code, told.partition("</main>")[0].replace(email, "")))
        assert password not in page.text
        assert "Set-Cookie" not in page.headers or "session" not in page.headers["Set-Cookie"]
    assert len(set(answers)) == 1
    assert answers[0][0] == 422
    assert 'id="password-error"' in answers[0][1]
    assert len(work.verified) == 4
    assert len(set(work.verified)) == 1
    failed = select(func.count()).where(Entry.kind == Action.SIGN_IN_FAILED.value)
    assert session.scalar(failed) == 4
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 0


@pytest.mark.parametrize("missing", ["email", "password"])
def test_a_missing_field_is_told_and_the_password_never_comes_back(
    client: FlaskClient, session: Session, missing: str
) -> None:
    data = {"email": "someone@example.org", "password": "a secret of mine", missing: ""}
    page = client.post("/sign-in", data=data)
    assert page.status_code == 422
    assert f'id="{missing}-error"' in page.text
    assert "a secret of mine" not in page.text


def cookies(client: FlaskClient) -> str:
    found = client.get_cookie("jiebang")
    assert found is not None
    return found.value


def test_each_sign_in_has_a_fresh_session_and_ends_the_one_before(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    first, second = make_person(Role.AUDITOR), make_person(Role.AUDITOR)
    client.get("/sign-in")
    client.set_cookie("jiebang", "planted-by-somebody")
    sign_in(client, first)
    before = cookies(client)
    assert before != "planted-by-somebody"
    sign_in(client, second)
    assert cookies(client) != before
    thief = app.test_client()
    thief.set_cookie("jiebang", before)
    assert thief.get("/desk").status_code == 302
    assert client.get("/desk").status_code == 200
    rows = session.scalars(select(SignInSession)).all()
    assert {row.person_id for row in rows if row.ended_at is None} == {second.id}
    assert all(len(row.token_sha256) == 64 for row in rows)


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    sign_in(client, make_person(Role.AUDITOR))
    kept = cookies(client)
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"cache"')
    copy = app.test_client()
    copy.set_cookie("jiebang", kept)
    assert copy.get("/desk").status_code == 302


def test_a_session_runs_out_by_the_portals_clock_and_is_forgotten_later(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    person = make_person(Role.AUDITOR)
    sign_in(client, person)
    clock.move(session, timedelta(hours=11, minutes=59))
    assert client.get("/desk").status_code == 200
    clock.move(session, timedelta(minutes=1))
    assert client.get("/desk").status_code == 302
    row = session.scalars(select(SignInSession)).one()
    assert queries.live_sessions(session, person.id, clock.now(session)) == []
    service.forget_old_sessions(row.expires_at)
    assert session.scalar(select(SignInSession.id)) is not None
    service.forget_old_sessions(row.expires_at + timedelta(seconds=1))
    assert session.scalar(select(SignInSession.id)) is None


def test_a_deactivated_person_is_out_at_once(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    person = make_person(Role.AUDITOR)
    sign_in(client, person)
    person.active = False
    assert client.get("/desk").status_code == 302


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "https://jiebang.example"])
def test_the_cookie_is_for_the_browser_only_and_secure_over_https(
    settings: Settings, session: Session, base: str
) -> None:
    person = make_person(Role.AUDITOR)
    session.commit()
    with separate(replace(settings, base_url=base), RATELIMIT_ENABLED=False) as made:
        client = made.test_client()
        data = {"email": person.email, "password": PASSWORD}
        answer = client.post("/sign-in", data=data, base_url=base)
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["jiebang"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert bool(cookie["secure"]) == base.startswith("https")


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/inbox", "/inbox"),
        ("/challenges?open=1", "/challenges?open=1"),
        ("", "/desk"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("\t//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
        ("http:evil.example", "/"),
    ],
)
def test_the_way_back_never_leaves_the_portal(
    client: FlaskClient, session: Session, target: str, place: str
) -> None:
    data = {"email": make_person(Role.AUDITOR).email, "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": target}, data=data)
    assert (answer.status_code, answer.location) == (303, place)


def test_a_stranger_is_led_to_the_sign_in_and_back(client: FlaskClient, session: Session) -> None:
    answer = client.get("/log/entries?subject=a")
    assert answer.location == "/sign-in?next=/log/entries?subject%3Da"
    assert client.post("/inbox/read").location == "/sign-in?next=/"


@pytest.fixture
def broker() -> Iterator[tuple[Path, str]]:
    """A Valkey of the test's own."""
    with own_valkey() as found:
        yield found


@pytest.fixture
def throttled(settings: Settings, session: Session, broker: tuple[Path, str]) -> Iterator[Flask]:
    """The portal with its throttle on, counted in that Valkey."""
    with separate(replace(settings, redis_url=broker[1]), RATELIMIT_ENABLED=True) as made:
        yield made


def tries(app: Flask, email: str, password: str, times: int, address: str) -> list[int]:
    client, data = app.test_client(), {"email": email, "password": password}
    origin = {"REMOTE_ADDR": address}
    return [
        client.post("/sign-in", data=data, environ_base=origin).status_code for _ in range(times)
    ]


def test_failed_sign_ins_are_throttled_by_address_and_good_ones_are_not(
    throttled: Flask, session: Session
) -> None:
    person, other = make_person(Role.AUDITOR), make_person(Role.AUDITOR)
    session.commit()
    assert tries(throttled, person.email, PASSWORD, 12, "192.0.2.1") == [303] * 12
    assert tries(throttled, person.email, WRONG, 11, "192.0.2.1") == [422] * 10 + [429]
    assert tries(throttled, other.email, PASSWORD, 1, "192.0.2.1") == [429]
    assert tries(throttled, person.email, PASSWORD, 1, "192.0.2.2") == [303]


def test_failed_sign_ins_are_throttled_by_account_from_wherever_they_come(
    throttled: Flask, session: Session
) -> None:
    person, other = make_person(Role.AUDITOR), make_person(Role.AUDITOR)
    session.commit()
    for place in range(4):
        assert tries(throttled, person.email, WRONG, 5, f"192.0.2.{place}") == [422] * 5
    assert tries(throttled, f" {person.email.upper()}", PASSWORD, 1, "192.0.2.9") == [429]
    assert tries(throttled, other.email, PASSWORD, 1, "192.0.2.9") == [303]


def test_without_valkey_the_throttle_counts_by_itself_and_nobody_is_locked_out(
    throttled: Flask, session: Session, broker: tuple[Path, str]
) -> None:
    person = make_person(Role.AUDITOR)
    session.commit()
    assert tries(throttled, person.email, PASSWORD, 1, "192.0.2.1") == [303]
    embedded.stop_valkey(broker[0])
    assert tries(throttled, person.email, PASSWORD, 2, "192.0.2.1") == [303] * 2
    assert tries(throttled, person.email, WRONG, 11, "192.0.2.1") == [422] * 10 + [429]
    assert throttled.test_client().get("/").status_code == 200


def test_a_form_that_another_site_sends_is_refused(session: Session, settings: Settings) -> None:
    person = make_person(Role.AUDITOR)
    session.commit()
    facts = {"RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": True}
    data = {"email": person.email, "password": PASSWORD}
    with separate(settings, **facts) as made:
        client = made.test_client()
        assert client.post("/sign-in", data=data).status_code == 400
        page = client.get("/sign-in").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        good = client.post("/sign-in", data={**data, "csrf_token": token[1]})
        assert good.status_code == 303
        assert client.post("/sign-out").status_code == 400
        assert client.get("/desk").status_code == 200
        # A form that is sent after the session has ended leads to the sign-in page, and back to itself.
        stranger = made.test_client()
        came = {"Referer": "http://localhost/needs/new?kind=site"}
        late = stranger.post("/needs/new", data={"title": "…"}, headers=came)
        assert (late.status_code, late.location) == (302, "/sign-in?next=/needs/new?kind%3Dsite")
        away = stranger.post("/needs/new", headers={"Referer": "https://example.org/needs/new"})
        assert away.location == "/sign-in?next=/"
