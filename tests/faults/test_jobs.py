"""A long task outlives its killed worker, and stops when it is cancelled."""

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from portal.accounts.queries import actor_of
from portal.bids import papers
from portal.core import clock, jobs
from portal.core.access import Actor
from portal.core.db import db, transaction
from portal.core.files import FileStore
from portal.core.jobs import Job, JobState
from tests.factories.bids import PDF, make_bid, make_bid_challenge, make_document
from tests.factories.challenges import make_officer
from tests.faults.conftest import MINUTE, Yard
from tests.waiting import until
from workers.schedule import CHORES

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]
IN_THE_MIDDLE = "SELECT count(*) FROM jobs WHERE state = 'running' AND done = 3"


@dataclass
class Case:
    """A challenge whose second document is a pipe: whoever opens it stands in the middle."""

    store: FileStore
    challenge: UUID
    officer: Actor
    pipe: Path

    def ask(self) -> UUID:
        return papers.ask(self.officer, self.challenge, clock.now(db.session)).id

    def go_on(self) -> None:
        """Let whoever waits at the pipe go on."""
        os.close(os.open(self.pipe, os.O_WRONLY))


@pytest.fixture
def case(yard: Yard) -> Iterator[Case]:
    store: FileStore = yard.app.extensions["portal_files"]
    with transaction() as session:
        challenge = make_bid_challenge(opened=True)
        officer = make_officer(challenge)
        digests = [store.put(PDF + bytes([number])) for number in range(3)]
        for digest in digests:
            document = make_document(uploaded_by=officer.id, sha256=digest)
            make_bid(opened=True, challenge=challenge, draft_file=document)
        session.flush()
        made = Case(store, challenge.id, actor_of(officer), Path())
    order = [one.sha256 for one in papers._papers(db.session, made.challenge) if one.sha256]
    made.pipe = yard.directory / "files" / order[1][:2] / order[1]
    made.pipe.rename(made.pipe.with_suffix(".kept"))
    os.mkfifo(made.pipe)
    yield made
    for worker in yard.workers:
        worker.kill()
    yard.workers.clear()


def state(job_id: UUID) -> Job:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Job, job_id)


def test_a_killed_workers_task_is_finished_by_another(yard: Yard, case: Case):
    worker = yard.start_worker(tasks=1)
    job_id = case.ask()
    until(lambda: yard.value(IN_THE_MIDDLE), "the task is in the middle")
    worker.kill()
    case.pipe.with_suffix(".kept").replace(case.pipe)
    with transaction() as session:
        session.execute(text("UPDATE jobs SET held_until = clock_timestamp()"))
    CHORES["hand_on_jobs"](clock.now(db.session))
    yard.start_worker(tasks=1)
    until(lambda: state(job_id).state is JobState.DONE, "another worker finishes it", MINUTE)
    found = state(job_id)
    assert (found.attempts, found.done) == (1, 6), "it came further"
    assert found.file is not None
    with case.store.open(found.file.sha256) as source, zipfile.ZipFile(source) as packed:
        assert len(packed.namelist()) == 7
        assert packed.testzip() is None


def test_a_cancelled_task_frees_its_worker_for_the_next(yard: Yard, case: Case):
    yard.start_worker(tasks=1)
    job_id = case.ask()
    until(lambda: yard.value(IN_THE_MIDDLE), "the task is in the middle")
    jobs.cancel(case.officer, job_id, clock.now(db.session))
    following = case.ask()
    assert following != job_id
    case.go_on()
    case.pipe.unlink()
    case.pipe.with_suffix(".kept").replace(case.pipe)
    until(lambda: state(following).state is JobState.DONE, "the next task is done", MINUTE)
    cancelled = state(job_id)
    assert (cancelled.state, cancelled.done, cancelled.file) == (JobState.CANCELLED, 3, None)
