"""A small call is a file at once; a large one is written by a worker, and kept behind a link."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.challenges.exchange import exporting
from portal.challenges.models import Call
from portal.core.access import Role
from portal.core.errors import NotAllowed, NotFound
from portal.core.jobs import Job, JobState
from tests.factories.accounts import make_actor, make_person
from tests.factories.challenges import make_challenge, make_officer
from tests.refusal import refused
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

SignIn = Callable[[FlaskClient, Person], None]


@pytest.fixture
def call(session: Session, monkeypatch: pytest.MonkeyPatch) -> Call:
    """A call of two challenges, in a portal where that is large."""
    monkeypatch.setattr(exporting, "LARGE", 1)
    call = make_challenge().call
    make_challenge(call=call)
    return call


@pytest.mark.parametrize("kind", exporting.MEDIA_TYPES)
def test_a_large_call_is_written_by_a_worker_and_is_the_same_file(
    client: FlaskClient, session: Session, sign_in: SignIn, call: Call, kind: str
) -> None:
    sign_in(client, make_officer(call))
    place = f"/desk/calls/{call.id}/export.{kind}"
    page = client.get(place)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert session.scalars(select(Job)).all() == []  # looking asks for nothing
    going = client.post(place)
    assert going.status_code == 303
    assert client.post(place).location == going.location  # asked once while it lives
    assert f'href="{going.location}"' in client.get(place).text
    job = session.get_one(Job, UUID(going.location.rsplit("/", 1)[1]))
    run_job(job.id, KINDS, 1)
    session.expire_all()
    assert (job.state, job.error) == (JobState.DONE, None)
    result = client.get(f"/jobs/{job.id}/file")
    assert result.mimetype == exporting.MEDIA_TYPES[kind]
    assert f"/jobs/{job.id}/file" in client.get(place).text
    if kind == "yaml":  # a workbook carries the time at which it was written
        assert result.data == exporting.written(session, call, kind, "zh")


def test_a_small_call_is_a_file_at_once(
    client: FlaskClient,
    session: Session,
    sign_in: SignIn,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "LARGE", 2)
    sign_in(client, make_officer(call))
    for kind, media_type in exporting.MEDIA_TYPES.items():
        assert client.get(f"/desk/calls/{call.id}/export.{kind}").mimetype == media_type


def test_only_officers_of_the_issuing_body_ask_for_it_and_take_it(
    client: FlaskClient, app: Flask, session: Session, now: datetime, sign_in: SignIn, call: Call
) -> None:
    own = make_officer(call)
    others = [make_person(role) for role in (Role.CITY_OFFICER, Role.BIDDER_LEAD, Role.AUDITOR)]
    sign_in(client, own)
    place = f"/desk/calls/{call.id}/export.yaml"
    address = client.post(place).location
    run_job(UUID(address.rsplit("/", 1)[1]), KINDS, 1)
    assert client.get(f"{address}/file").status_code == 200
    for person in others:
        browser = app.test_client()
        sign_in(browser, person)
        assert browser.get(place).status_code == browser.post(place).status_code == 404
        assert browser.get(f"{address}/file").status_code == 404
    ask = exporting.ask
    refused(NotAllowed, ask, make_actor(Role.CITY_OFFICER), call.id, "yaml", "zh", now)
    refused(NotFound, ask, make_actor(Role.CITY_OFFICER), own.id, "yaml", "zh", now)
