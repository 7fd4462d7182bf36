"""Signing in, registering, and the register's pages."""

import pytest
from sqlalchemy import func, select

from portal.accounts.models import Organisation, Person, SignInSession
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import Role
from portal.core.db import db
from tests.factories.accounts import PASSWORD, make_person, make_uscc

WRONG = "地址或密码不正确"


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_the_front_page_is_public_in_both_languages(client):
    assert "揭榜" in client.get("/").text
    assert "Unveil the list" in client.get("/?lang=en").text


def test_a_person_signs_in_and_out_and_the_log_knows(client, sign_in):
    person = make_person(Role.CITY_OFFICER)
    sign_in(client, person)
    assert client.get("/desk").status_code == 200
    client.post("/sign-out")
    assert client.get("/desk").status_code == 302
    kinds = db.session.scalars(select(Entry.kind).order_by(Entry.id)).all()
    assert kinds == [Action.SIGNED_IN.value, Action.SIGNED_OUT.value]


@pytest.mark.parametrize("known", [True, False])
def test_the_answer_is_the_same_whether_the_account_exists(client, known):
    email = make_person(Role.AUDITOR).email if known else "nobody@example.org"
    answer = client.post("/sign-in", data={"email": email, "password": "not this one"})
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert email in answer.text


def test_an_ended_session_no_longer_signs_in(client, app, sign_in):
    person = make_person(Role.AUDITOR)
    sign_in(client, person)
    other = app.test_client()
    sign_in(other, person)
    rows = db.session.scalars(select(SignInSession).order_by(SignInSession.started_at)).all()
    other.post(f"/account/sessions/{rows[0].id}/end")
    assert client.get("/desk").status_code == 302
    assert other.get("/desk").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(client, app, sign_in):
    sign_in(client, make_person(Role.AUDITOR))
    row = db.session.scalars(select(SignInSession)).one()
    stranger = app.test_client()
    sign_in(stranger, make_person(Role.AUDITOR))
    assert stranger.post(f"/account/sessions/{row.id}/end").status_code == 404
    assert client.get("/desk").status_code == 200


def good_registration() -> dict[str, str]:
    return {
        "organisation": "示例光学有限公司",
        "kind": "enterprise",
        "uscc": make_uscc(77),
        "name": "王小明",
        "email": "wang@example.org",
        "password": "a long enough password",
    }


def test_a_company_registers_itself_and_may_sign_in(client):
    assert client.post("/register", data=good_registration()).status_code == 303
    person = db.session.scalars(select(Person)).one()
    assert {m.role for m in person.memberships} == {Role.BIDDER_LEAD, Role.PARTNER}
    data = {"email": "Wang@Example.org", "password": "a long enough password"}
    assert client.post("/sign-in", data=data).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("organisation", "", "请填写此项"),
        ("organisation", "长" * 201, "最多 200 个字"),
        ("kind", "government", ""),
        ("uscc", "111111111111111111", "第 17 位"),
        ("uscc", "91110107DEM000014A", "第 18 位"),
        ("uscc", "1234", "18 位"),
        ("email", "not an address", "电子邮箱"),
        ("password", "short", "至少 12"),
    ],
)
def test_bad_input_gets_a_message_keeps_what_was_typed_and_writes_nothing(
    client, field, value, message
):
    data = {**good_registration(), field: value}
    answer = client.post("/register", data=data)
    assert answer.status_code == 422
    assert message in answer.text
    assert data["name"] in answer.text
    assert count(Person) == 0
    assert count(Organisation) == 0


@pytest.mark.parametrize("path", ["/organisations", "/people"])
def test_the_register_is_the_administrators(client, app, sign_in, path):
    sign_in(client, make_person(Role.ADMINISTRATOR))
    assert client.get(path).status_code == 200
    stranger = app.test_client()
    sign_in(stranger, make_person(Role.BIDDER_LEAD))
    assert stranger.get(path).status_code == 403
    refused = select(Entry).where(Entry.kind == Action.ACCESS_DENIED.value)
    assert len(db.session.scalars(refused).all()) == 1


def test_a_next_page_on_another_site_is_not_followed(client):
    person = make_person(Role.AUDITOR)
    data = {"email": person.email, "password": PASSWORD}
    for target in ("https://evil.example", "//evil.example", "/\\evil.example"):
        answer = client.post("/sign-in", query_string={"next": target}, data=data)
        assert answer.location == "/"
