"""A full disk: the store's or the database's. A clear page, nothing half, nothing that was typed lost."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids.ceremony import service as ceremony
from portal.bids.counting import publishing
from portal.bids.models import Bid
from portal.bids.rules import BidState, opens_at
from portal.core import failpoints
from portal.core.db import db
from portal.core.failpoints import SUBMITTING
from portal.core.files import FileStore
from portal.core.jobs import Job, JobState, told
from portal.core.signing import Signer
from tests.bids.pages import counts, text_of, typed, values_of, write
from tests.factories.bids import PDF, make_bid, make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.openings import PASSWORDS, TWO
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

SignIn = Callable[[FlaskClient, Person], None]
FULL = "磁盘空间已满"
ENTRY_REFUSED = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION full_disk();
"""


@dataclass
class Disk:
    """A store with room for a few pages, until somebody makes more."""

    folder: Path
    is_mounted: bool

    def make_room(self) -> None:
        if self.is_mounted:
            subprocess.run(["mount", "-o", "remount,size=4m", self.folder], check=True)
        failpoints.arm("")

    def names(self) -> list[str]:
        return sorted(one.name for one in self.folder.rglob("*") if one.is_file())


@pytest.fixture
def disk(app: Flask, tmp_path: Path) -> Iterator[Disk]:
    """A real full disk where one can be mounted; elsewhere every write of the store says it is full."""
    command = ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(tmp_path)]
    mounts = os.geteuid() == 0 and subprocess.run(command, check=False).returncode == 0
    if not mounts:
        failpoints.arm("blob_tmp:full")
    before = app.extensions["portal_files"]
    app.extensions["portal_files"] = FileStore(f"file://{tmp_path}", 1 << 20)
    yield Disk(tmp_path, mounts)
    app.extensions["portal_files"] = before
    failpoints.arm("")
    if mounts:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.fixture
def desk(client: FlaskClient, session: Session, sign_in: SignIn, store: FileStore) -> Bid:
    """A complete draft, and its lead signed in."""
    bid = make_bid(partners=[])
    session.commit()
    sign_in(client, session.get_one(Person, bid.started_by))
    return bid


def submit(client: FlaskClient, bid: Bid, key: str = "once") -> TestResponse:
    return client.post(f"/bids/{bid.id}/submit", data={"request_key": key})


def test_a_bid_that_has_no_room_is_not_handed_in_and_its_draft_stays(
    client: FlaskClient, session: Session, desk: Bid, disk: Disk
) -> None:
    disk.folder.mkdir(exist_ok=True)
    (disk.folder / desk.draft_file.sha256[:2]).mkdir()
    (disk.folder / desk.draft_file.sha256[:2] / desk.draft_file.sha256).write_bytes(PDF)
    before, names = counts(session), disk.names()
    answer = submit(client, desk)
    assert (answer.status_code, FULL in text_of(answer)) == (507, True)
    session.expire_all()
    assert (counts(session), disk.names()) == (before, names)
    assert desk.state is BidState.DRAFT
    disk.make_room()
    assert submit(client, desk).status_code == 303
    session.expire_all()
    assert desk.versions[0].ct_sha256 in disk.names()


def test_a_file_that_has_no_room_is_asked_for_again_with_what_was_typed_beside_it(
    client: FlaskClient, session: Session, desk: Bid, disk: Disk
) -> None:
    before, names = counts(session), disk.names()
    data = {"kind": "other", "title": "资质证书扫描件"}
    address = f"/bids/{desk.id}/edit/attachments"
    answer = client.post(address, data={**data, "file": (BytesIO(PDF), "资质.pdf")})
    assert (answer.status_code, FULL in text_of(answer)) == (409, True)
    assert values_of(answer, "title") == ["资质证书扫描件"]
    assert (counts(session), disk.names()) == (before, names)
    disk.make_room()
    again = client.post(address, data={**data, "file": (BytesIO(PDF), "资质.pdf")})
    assert again.status_code == 303


@contextmanager
def no_room_for_the_log() -> Iterator[None]:
    """The database has no room for an entry in the log."""
    with db.engine.begin() as connection:
        connection.execute(text(ENTRY_REFUSED))
    yield
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text("DROP FUNCTION full_disk CASCADE"))


def test_what_cannot_be_logged_is_not_done_and_stays_on_the_page(
    client: FlaskClient, session: Session, desk: Bid
) -> None:
    before, address = counts(session), f"/bids/{desk.id}/edit/route/autosave"
    with no_room_for_the_log():
        answer = write(client, desk, "route", route="第三版技术路线")
        saved = client.post(address, data=typed(desk, "route"))
        handed_in = submit(client, desk)
    assert (answer.status_code, FULL in text_of(answer)) == (409, True)
    assert "第三版技术路线" in text_of(answer)
    assert (saved.status_code, FULL in saved.json["why"]) == (409, True)
    assert (handed_in.status_code, FULL in text_of(handed_in)) == (507, True)
    session.expire_all()
    assert counts(session) == before
    assert desk.state is BidState.DRAFT


def test_a_submission_that_fails_anywhere_is_whole_or_absent_and_can_be_sent_again(
    client: FlaskClient, session: Session, desk: Bid
) -> None:
    for number, place in enumerate(SUBMITTING):
        desk.terms = replace(desk.terms, title=f"第{number}稿")
        session.commit()
        failpoints.arm(f"{place}:error")
        assert submit(client, desk, place).status_code == 500
        failpoints.arm("")
        session.expire_all()
        is_in = place in ("post_commit", "pre_response")
        assert [one.request_key for one in desk.versions] == [*SUBMITTING[: number + is_in]]
        again = submit(client, desk, place)
        assert again.location.endswith(f"/versions/{number + 1}/receipt")
    session.expire_all()
    assert [one.request_key for one in desk.versions] == [*SUBMITTING]
    kinds = list(session.scalars(select(Entry.kind)))
    assert kinds.count(Action.BID_SUBMITTED.value) == len(SUBMITTING)


def test_an_opening_that_has_no_room_says_so_and_goes_on_later(
    session: Session, signer: Signer
) -> None:
    challenge = make_bid_challenge()
    bids = [make_sealed(challenge=challenge, partners=[]) for _ in range(2)]
    officer = actor_of(make_officer(challenge))
    assert challenge.closes_at is not None
    at = opens_at(challenge.closes_at)
    session.commit()

    publishing.publish(challenge.id, signer, at)

    def opened() -> Job:
        job_id = ceremony.open_with(officer, challenge.id, TWO, PASSWORDS, at).id
        run_job(job_id, KINDS, 1)
        session.expire_all()
        return session.get_one(Job, job_id)

    failpoints.arm("blob_tmp:2:full")
    job = opened()
    failpoints.arm("")
    assert job.state is JobState.FAILED
    assert "no room" in str(told(job.error))
    assert [one.versions[0].fault for one in bids] == [None, None], "the bids are not to blame"
    assert opened().state is JobState.DONE
    assert {one.state for one in bids} == {BidState.OPENED}
