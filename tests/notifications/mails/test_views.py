"""The setting on the account's page, and the demonstration's outbox for administrators alone."""

from collections.abc import Callable
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.access import Role
from portal.core.words import Message
from portal.notifications import service
from portal.notifications.mails import policy
from portal.notifications.mails.models import Mail
from tests.factories.accounts import make_actor, make_person

SignIn = Callable[[FlaskClient, Person], None]
NEWS = Message("The ranking of “%(title)s” stands.", {"title": "<b>动作捕捉</b>"})


def test_one_chooses_whether_mail_comes_and_in_which_language(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    person = make_person(Role.AUDITOR)
    assert client.get("/account/mail").status_code == 302
    sign_in(client, person)
    page = client.get("/account/mail").text
    assert person.email in page
    assert "checked" in page
    assert (
        client.post("/account/mail", data={"wants_mail": "y", "language": "en"}).status_code == 303
    )
    service.notify(session, [person.id], "one", NEWS, "/desk")
    assert session.scalars(select(Mail.locale)).all() == ["en"]
    assert client.post("/account/mail", data={"language": "xx"}).status_code == 422
    assert client.post("/account/mail", data={"language": "zh"}).status_code == 303
    assert "checked" not in client.get("/account/mail").text
    service.notify(session, [person.id], "two", NEWS, "/desk")
    assert session.scalars(select(Mail.key)).all() == ["one"]


def test_administrators_read_what_was_written_and_nobody_else(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    reader, administrator = make_person(Role.AUDITOR), make_person(Role.ADMINISTRATOR)
    service.notify(session, [reader.id], "k", NEWS, "/desk")
    mail = session.scalars(select(Mail)).one()
    places = ["/mail", f"/mail/{mail.id}", f"/mail/{mail.id}/html"]
    sign_in(client, administrator)
    other = app.test_client()
    sign_in(other, reader)
    for place in places:
        assert "&lt;b&gt;动作捕捉" in client.get(place).text
        assert other.get(place).status_code == 404
    assert "/mail" in client.get("/desk").text
    assert 'href="/mail"' not in other.get("/desk").text
    shown = client.get(places[2])
    assert "style-src 'unsafe-inline'" in shown.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in client.get(places[1]).headers["Content-Security-Policy"]


def test_in_production_nobody_reads_other_peoples_mail(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    administrator = make_person(Role.ADMINISTRATOR)
    assert policy.may_read(make_actor(Role.ADMINISTRATOR), is_production=False)
    assert not policy.may_read(make_actor(Role.ADMINISTRATOR), is_production=True)
    assert not policy.may_read(make_actor(Role.CITY_OFFICER), is_production=False)
    sign_in(client, administrator)
    settings = app.extensions["portal_settings"]
    app.extensions["portal_settings"] = replace(settings, environment="production")
    try:
        assert client.get("/mail").status_code == 404
        assert 'href="/mail"' not in client.get("/desk").text
    finally:
        app.extensions["portal_settings"] = settings
