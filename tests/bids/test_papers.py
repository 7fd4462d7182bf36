"""All documents of a challenge in one file: for those who read opened bids, and nobody else."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import papers
from portal.bids.models import Bid
from portal.challenges.models import Challenge
from portal.core.access import Role
from portal.core.files import FileStore
from portal.core.jobs import Job, JobState
from tests.factories.accounts import make_organisation, make_person
from tests.factories.bids import PDF, make_bid, make_bid_challenge, make_document
from tests.factories.challenges import make_officer
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

SignIn = Callable[[FlaskClient, Person], None]


@pytest.fixture
def opened(session: Session, store: FileStore) -> Challenge:
    """Two opened bids, of which one lead calls itself a formula, and one that was not handed in."""
    challenge = make_bid_challenge(opened=True)
    store.put(PDF)
    make_bid(opened=True, challenge=challenge)
    make_bid(opened=True, challenge=challenge, lead=make_organisation(name="=1+1/甲乙公司"))
    make_bid(challenge=challenge)
    session.commit()
    return challenge


def run(session: Session, job_id: UUID) -> Job:
    run_job(job_id, KINDS, 1)
    session.expire_all()
    return session.get_one(Job, job_id)


def test_the_officer_gets_every_opened_bids_document_and_the_log_says_so(
    client: FlaskClient, session: Session, sign_in: SignIn, opened: Challenge
) -> None:
    sign_in(client, make_officer(opened))
    assert "ZIP" in client.get(f"/challenges/{opened.code}/opening").text
    answer = client.post(f"/challenges/{opened.code}/papers")
    page = answer.location
    assert client.get(page).status_code == 200
    assert "hx-get" in client.get(page).text
    job = run(session, UUID(page.rsplit("/", 1)[-1]))
    assert job.state is JobState.DONE
    assert "hx-get" not in client.get(f"{page}/progress").text
    got = client.get(f"{page}/file")
    with zipfile.ZipFile(io.BytesIO(got.data)) as packed:
        names = packed.namelist()
        assert len(names) == 5
        assert [packed.read(name) for name in names[1:4:2]] == [PDF, PDF]
        for whole in names[0:4:2]:
            assert packed.read(whole).startswith(b"%PDF-")
        table = list(csv.reader(io.StringIO(packed.read("index.csv").decode("utf-8-sig"))))
    assert [row[0] for row in table[1:]] == names[:4]
    assert {row[1][:2] for row in table[1:]} >= {"'="}
    kinds = list(session.scalars(select(Entry.kind)))
    assert Action.BIDS_PACKED.value in kinds
    assert Action.RESULT_FETCHED.value in kinds


def test_a_document_that_the_store_has_lost_is_named_and_the_rest_is_packed(
    session: Session, store: FileStore, opened: Challenge, now: datetime
) -> None:
    lost = make_document(uploaded_by=make_person().id, sha256="0" * 64)
    make_bid(opened=True, challenge=opened, draft_file=lost)
    officer = actor_of(make_officer(opened))
    session.commit()
    job = run(session, papers.ask(officer, opened.id, now).id)
    assert job.result is not None
    assert job.result["parameters"] == {"count": "5", "missing": "1"}
    assert job.file is not None
    with store.open(job.file.sha256) as source, zipfile.ZipFile(source) as packed:
        assert len(packed.namelist()) == 6


def test_strangers_find_neither_the_button_nor_the_task_nor_the_file(
    app: Flask, client: FlaskClient, session: Session, sign_in: SignIn, opened: Challenge
) -> None:
    sign_in(client, make_officer(opened))
    page = client.post(f"/challenges/{opened.code}/papers").location
    run(session, UUID(page.rsplit("/", 1)[-1]))
    assert client.get(f"{page}/file").status_code == 200
    team = session.scalars(select(Bid.started_by).where(Bid.challenge_id == opened.id)).first()
    others = [
        session.get_one(Person, team),
        make_person(Role.BIDDER_LEAD),
        make_person(Role.DISTRICT_OFFICER),
        make_person(Role.REVIEWER),
    ]
    for person in others:
        browser = app.test_client()
        sign_in(browser, person)
        assert browser.post(f"/challenges/{opened.code}/papers").status_code == 404
        for path in (page, f"{page}/progress", f"{page}/file"):
            assert browser.get(path).status_code == 404
        assert browser.post(f"{page}/cancel").status_code == 404
    assert app.test_client().get(page).location.startswith("/sign-in")


def test_before_the_opening_there_is_nothing_to_pack(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    bid = make_bid(submitted=True)
    sign_in(client, make_officer(bid.challenge))
    assert client.post(f"/challenges/{bid.challenge.code}/papers").status_code == 403
    assert session.scalar(select(Job)) is None


def test_a_task_that_waits_is_cancelled_by_its_button(
    client: FlaskClient, session: Session, sign_in: SignIn, opened: Challenge
) -> None:
    sign_in(client, make_officer(opened))
    page = client.post(f"/challenges/{opened.code}/papers").location
    assert client.post(f"{page}/cancel").location == page
    job = run(session, UUID(page.rsplit("/", 1)[-1]))
    assert (job.state, job.file) == (JobState.CANCELLED, None)
    assert client.post(f"{page}/cancel").status_code == 409
    assert client.get(f"{page}/file").status_code == 404


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_a_name_in_the_zip_is_one_harmless_part_of_a_path(name: str) -> None:
    tame = papers._tame(name)
    assert tame
    assert not set(tame) & set('/\\<>:"|?* \n\t')
    assert tame.strip(".") == tame
