"""The log's page: who may read it, how it is paged, and what a refusal leaves."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.audit import policy
from portal.audit import service as audit
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import SYSTEM, Role
from tests.factories.accounts import make_actor, make_person

SignIn = Callable[[FlaskClient, Person], None]


def test_auditors_and_administrators_read_the_log_and_nobody_else(
    app: Flask, client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    readers = {Role.AUDITOR, Role.ADMINISTRATOR}
    for role in Role:
        assert bool(policy.may_read_log(make_actor(role))) == (role in readers)
    reader, stranger = make_person(Role.AUDITOR), make_person(Role.BIDDER_LEAD)
    assert client.get("/log/entries").status_code == 302
    sign_in(client, reader)
    assert client.get("/log/entries").status_code == 200
    other = app.test_client()
    sign_in(other, stranger)
    assert other.get("/log/entries").status_code == 403
    denied = session.scalars(select(Entry).where(Entry.kind == Action.ACCESS_DENIED.value)).one()
    assert (denied.actor_ref, denied.payload) == (str(stranger.id), {"path": "/log/entries"})
    page = client.get("/log/entries").text
    assert "拒绝访问" in page
    assert stranger.name in page


def test_the_log_is_paged_newest_first_and_by_subject(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    sign_in(client, make_person(Role.AUDITOR))
    for number in range(150):
        audit.record(session, SYSTEM, Action.NEED_EDITED, f"need:{number % 2}", now, n=number)
    first = client.get("/log/entries").text
    assert first.count('<th scope="row"') == 100
    assert 'rel="next" href="/log/entries?before=52' in first
    second = client.get("/log/entries?before=52").text
    assert second.count('<th scope="row"') == 51
    assert 'rel="next"' not in second
    assert client.get("/log/entries?subject=need:1").text.count('<th scope="row"') == 75
    for nonsense in ("x", "-1", str(10**30), ""):
        assert client.get("/log/entries", query_string={"before": nonsense}).status_code == 200
    assert client.get("/log/entries?subject=nothing").text.count('<th scope="row"') == 0


def test_what_a_log_entry_says_is_shown_as_text(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    sign_in(client, make_person(Role.AUDITOR))
    audit.record(session, SYSTEM, Action.BID_READ, "<b>x</b>", now, path="<script>alert(1)")
    page = client.get("/log/entries").text
    assert "<script>alert" not in page
    assert "<b>x" not in page
