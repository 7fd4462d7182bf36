"""What a worker does with a long task: run it, and tell what became of it."""

import threading

import pytest
from sqlalchemy.orm import Session

from portal.core import jobs
from portal.core.db import db
from portal.core.errors import IllegalMove
from portal.core.jobs import Job, JobState, told
from portal.core.outbox import Event, Topic
from portal.core.tasks import ATTEMPTS, Outcome, Task
from portal.core.words import Message
from tests.factories.accounts import make_actor
from tests.factories.jobs import make_job
from tests.waiting import until
from workers.jobs import renewed, run_job
from workers.running import run_event
from workers.tasks.jobs import KINDS

KIND = next(iter(KINDS))
DONE = Message("%(count)s documents.", {"count": 3})


def fresh(session: Session, job_id) -> Job:
    session.rollback()
    session.expire_all()
    return session.get_one(Job, job_id)


def work(task: Task) -> Outcome:
    for number in range(3):
        task.step(number, 3)
    return Outcome(DONE)


def test_the_event_is_done_once_the_job_is_taken_over_and_the_job_goes_on(session):
    job_id = make_job().id
    event = session.query(Event).filter_by(topic=Topic.JOB_REQUESTED.value).one()
    number, seen = event.id, []

    def look(task: Task) -> Outcome:
        seen.append(fresh(db.session, job_id).state)
        assert db.session.get_one(Event, number).done_at is not None
        return work(task)

    run_event(number, {Topic.JOB_REQUESTED: lambda facts, now: run_job(job_id, {KIND: look}, 1)})
    assert seen == [JobState.RUNNING]
    assert fresh(session, job_id).state is JobState.DONE


def test_what_a_rule_refuses_is_told_and_not_tried_again(session):
    def refuse(task: Task) -> Outcome:
        raise IllegalMove("At most %(n)s partners are allowed.", n=3)

    job_id = make_job().id
    run_job(job_id, {KIND: refuse}, 1)
    found = fresh(session, job_id)
    assert (found.state, found.attempts) == (JobState.FAILED, 1)
    assert str(told(found.error)) == "At most 3 partners are allowed."


def test_what_breaks_down_is_tried_again_and_then_given_up(
    session, caplog: pytest.LogCaptureFixture
):
    def broken(task: Task) -> Outcome:
        raise LookupError("no such thing")

    job_id = make_job().id
    for _ in range(ATTEMPTS + 1):
        run_job(job_id, {KIND: broken}, 1)
    found = fresh(session, job_id)
    assert (found.state, found.attempts) == (JobState.FAILED, ATTEMPTS)
    assert caplog.text.count("broke down") >= ATTEMPTS
    assert "no such thing" not in str(told(found.error))


def test_what_comes_further_than_before_has_all_its_tries_again(session):
    steps = iter([1, 1, 2, 2, 1])

    def breaks_after(task: Task) -> Outcome:
        task.step(next(steps), 3)
        raise LookupError

    job_id = make_job().id
    seen = []
    for _ in range(5):
        run_job(job_id, {KIND: breaks_after}, 1)
        found = fresh(session, job_id)
        seen.append((found.state, found.done, found.attempts))
    queued, failed = JobState.QUEUED, JobState.FAILED
    assert seen == [(queued, 1, 1), (queued, 1, 2), (queued, 2, 1), (queued, 2, 2), (failed, 2, 3)]


def test_a_job_that_is_cancelled_meanwhile_ends_quietly(session, now):
    asker = make_actor()
    job_id = make_job(asker).id

    def long(task: Task) -> Outcome:
        task.step(1, 3)
        jobs.cancel(asker, job_id, now)
        return work(task)

    run_job(job_id, {KIND: long}, 1)
    found = fresh(session, job_id)
    assert (found.state, found.done, found.result) == (JobState.CANCELLED, 1, None)


def test_while_a_worker_is_busy_its_lease_is_renewed_and_the_thread_ends_with_the_job(app, session):
    job_id = make_job().id

    def busy(task: Task) -> Outcome:
        before = fresh(db.session, job_id).held_until
        with renewed(db.engine, task, pulse=0.01):
            until(lambda: fresh(db.session, job_id).held_until > before, "the lease is renewed")
        db.session.rollback()
        return Outcome(DONE)

    run_job(job_id, {KIND: busy}, 1)
    assert fresh(session, job_id).state is JobState.DONE
    assert not [one for one in threading.enumerate() if one.name == "lease"]
