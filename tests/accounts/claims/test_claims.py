"""An account that was made for somebody is taken over once, by the link that was mailed."""

from datetime import datetime
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.claims import service
from portal.accounts.rules import UNCLAIMED
from portal.core import links
from portal.core.access import Role
from portal.core.errors import Invalid, NotFound
from tests.factories.accounts import make_person
from tests.refusal import refused
from tests.threads import at_once

NEW = "a long enough password"


def link(app: Flask, key: UUID, purpose: str = service.PURPOSE) -> str:
    return f"/welcome/{links.token_of(str(app.secret_key), purpose, key)}"


def test_the_owner_chooses_a_password_and_signs_in(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    made = make_person(Role.REVIEWER, password_hash=UNCLAIMED)
    there = link(app, made.id)
    assert made.email in client.get(there).text
    assert client.post(there, data={"password": "short"}).status_code == 422
    assert client.post(there, data={"password": NEW}).status_code == 303
    assert client.get(there).status_code == 404
    assert client.post(there, data={"password": "another long password"}).status_code == 404
    entered = client.post("/sign-in", data={"email": made.email, "password": NEW})
    assert entered.status_code == 303


def test_no_link_takes_over_an_account_that_has_an_owner(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    owned = make_person(Role.REVIEWER)
    closed = make_person(Role.REVIEWER, password_hash=UNCLAIMED, active=False)
    waiting = make_person(Role.REVIEWER, password_hash=UNCLAIMED)
    hashed = owned.password_hash
    wrong = (link(app, owned.id), link(app, closed.id), link(app, waiting.id, "bid-invitation"))
    for there in (*wrong, "/welcome/nonsense"):
        assert client.get(there).status_code == 404
        assert client.post(there, data={"password": NEW}).status_code == 404
    session.expire_all()
    assert (owned.password_hash, waiting.password_hash) == (hashed, UNCLAIMED)


def test_of_two_who_use_the_link_at_once_one_gets_the_account(
    app: Flask, session: Session, now: datetime
) -> None:
    made = make_person(Role.REVIEWER, password_hash=UNCLAIMED)
    key = made.id
    session.commit()
    outcomes = at_once(app, *(lambda: service.claim(key, NEW, now) for _ in range(2)))
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "NotFound"]


def test_a_bad_password_is_refused(session: Session, now: datetime) -> None:
    made = make_person(Role.REVIEWER, password_hash=UNCLAIMED)
    session.commit()
    refused(Invalid, service.claim, made.id, "short", now)
    service.claim(made.id, NEW, now)
    refused(NotFound, service.claim, made.id, NEW, now)
