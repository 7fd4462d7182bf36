"""A password is changed by who knows the old one; everybody else who is signed in goes out."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import service as accounts
from portal.accounts.factor.rules import LIMITS
from portal.accounts.models import Person
from portal.accounts.passwords import service
from portal.accounts.queries import actor_of, signed_in_by
from portal.accounts.service import Browser
from portal.audit.models import Entry
from portal.core.access import Role
from portal.core.errors import Invalid
from portal.core.outbox import Event, Topic
from portal.notifications.mails.models import Mail
from portal.notifications.passwords import tell_of_password
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.factor import make_factor
from tests.refusal import refused

NEW = "another horse, another battery"
HERE, LONG = Browser("192.0.2.1", "a browser"), timedelta(hours=12)


def entered(person: Person, now: datetime, password: str = PASSWORD) -> str:
    return accounts.sign_in(person.email, password, LONG, HERE, now).token


def test_other_sessions_and_waiting_sign_ins_end_and_the_new_password_holds(
    session: Session, now: datetime
) -> None:
    person = make_person(Role.PARTNER)
    here, elsewhere = entered(person, now), entered(person, now)
    make_factor(person)
    session.commit()
    waiting = accounts.sign_in(person.email, PASSWORD, LONG, HERE, now)
    assert waiting.waits
    service.change(actor_of(person), here, PASSWORD, NEW, now)
    assert signed_in_by(session, here)
    assert signed_in_by(session, elsewhere) is None
    assert accounts.queries.session_by_token(session, waiting.token) is None
    refused(Invalid, entered, person, now)
    assert entered(person, now, NEW)
    assert "account.password_changed" in session.scalars(select(Entry.kind)).all()


def test_the_owner_gets_a_mail_even_who_wants_none(session: Session, now: datetime) -> None:
    person = make_person(Role.PARTNER, wants_mail=False)
    service.change(actor_of(person), entered(person, now), PASSWORD, NEW, now)
    event = session.scalars(select(Event).where(Event.topic == Topic.PASSWORD_CHANGED.value)).one()
    for _ in range(2):
        tell_of_password(person.id, datetime.fromisoformat(event.payload["at"]))
    assert session.scalars(select(Mail.address)).all() == [person.email]


def test_a_wrong_or_weak_password_changes_nothing_and_many_tries_pause(
    session: Session, now: datetime
) -> None:
    person = make_person(Role.PARTNER)
    token, who = entered(person, now), actor_of(person)
    for old, new, field in (
        (PASSWORD, "short", "new"),
        (PASSWORD, PASSWORD, "new"),
        ("wrong password", NEW, "old"),
    ):
        assert refused(Invalid, service.change, who, token, old, new, now).field == field
    for _ in range(LIMITS[0][0] - 1):
        refused(Invalid, service.change, who, token, "wrong password", NEW, now)
    assert "minutes" in str(refused(Invalid, service.change, who, token, PASSWORD, NEW, now))
    assert entered(person, now)


def test_the_page_asks_for_the_old_password_and_the_new_one_twice(
    client: FlaskClient, session: Session, sign_in: Callable[[FlaskClient, Person], None]
) -> None:
    person = make_person(Role.PARTNER)
    assert client.get("/account/password").status_code == 302
    sign_in(client, person)
    typed = {"old": PASSWORD, "new": NEW, "again": NEW}
    wrong = client.post("/account/password", data=typed | {"again": "something else"})
    assert wrong.status_code == 422
    assert NEW not in wrong.text
    done = client.post("/account/password", data=typed)
    assert (done.status_code, done.location) == (303, "/account/sessions")
    assert "密码已修改" in client.get(done.location).text
