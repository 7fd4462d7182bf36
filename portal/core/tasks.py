"""A long task in the hands of its worker: taken, renewed, shown step by step, let go."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.core.db import transaction
from portal.core.jobs import (
    JOB_MOVES,
    LEASE,
    LIVE,
    Job,
    JobState,
    in_turn,
    let_go,
    locked,
    real_time,
    stored,
)
from portal.core.outbox import Topic, announce
from portal.core.words import N_, Message

ATTEMPTS = 3
"""How often a job is tried whose worker was lost or which broke down, without coming further."""


@dataclass(frozen=True)
class Outcome:
    """What a job leaves: words, and a page or a file to look at."""

    words: Message
    url: str = ""
    file_id: UUID | None = None


class Stopped(Exception):
    """The job was cancelled, or handed on to another worker: nothing more may be done for it."""


@dataclass(frozen=True)
class Task:
    """A job as the worker holds it."""

    id: UUID
    kind: str
    subject: str
    parameters: dict[str, str]
    asked_by: UUID | None
    token: UUID
    now: datetime

    def step(self, done: int, total: int, note: Message | None = None) -> None:
        """Show how far the work is, in a transaction of its own: whoever comes further than all before
        has three tries again. Raises Stopped."""
        with transaction() as session:
            job = self.hold(session)
            if done > job.done:
                job.done, job.attempts = done, 1
            job.total, job.note = total, stored(note)
            job.held_until = real_time(session) + LEASE

    def hold(self, session: Session) -> Job:
        """The job, locked, so that what this transaction does cannot be too late. Raises Stopped."""
        job = locked(session, self.id)
        if job is None or job.state is not JobState.RUNNING or job.held_by != self.token:
            raise Stopped(str(self.id))
        return job


def take(session: Session, job_id: UUID, most: int, now: datetime) -> Task | None:
    """Hold a waiting job; None when it is not waiting, or as many run as may run at once and it is
    not urgent."""
    in_turn(session)
    job = locked(session, job_id)
    if job is None or not JOB_MOVES.allows(job.state, "take"):
        return None
    running = select(func.count()).where(Job.state == JobState.RUNNING, ~Job.urgent)
    if not job.urgent and (session.scalar(running) or 0) >= most:
        return None
    JOB_MOVES.move(job, "take")
    job.attempts += 1
    job.started_at = job.started_at or now
    job.held_by, job.held_until = uuid4(), real_time(session) + LEASE
    return Task(job.id, job.kind, job.subject, job.parameters, job.asked_by, job.held_by, now)


def renew(session: Session, task: Task) -> bool:
    """Prolong the lease of a job whose worker is busy; whether the worker still holds it."""
    held = (Job.id == task.id, Job.held_by == task.token, Job.state == JobState.RUNNING)
    query = update(Job).where(*held).values(held_until=func.clock_timestamp() + LEASE)
    return bool(session.execute(query.returning(Job.id)).all())


def finish(task: Task, outcome: Outcome, now: datetime) -> None:
    """The work is done. Raises Stopped."""
    with transaction() as session:
        in_turn(session)
        job = task.hold(session)
        let_go(session, job, "finish")
        job.done = job.total = max(job.total, 1)
        job.note, job.result = None, stored(outcome.words)
        job.result_url, job.file_id, job.finished_at = outcome.url, outcome.file_id, now


def fail(task: Task, words: Message, now: datetime) -> None:
    """The work cannot be done; `words` say why. Raises Stopped."""
    with transaction() as session:
        in_turn(session)
        _fail(session, task.hold(session), words, now)


def give_back(task: Task, now: datetime) -> None:
    """The work broke down: it is tried again, but not for ever. Raises Stopped."""
    with transaction() as session:
        in_turn(session)
        _hand_on(session, task.hold(session), now)


def hand_on(now: datetime) -> int:
    """Give lost workers' jobs to others, and remind of waiting ones; returns how many there were."""
    with transaction() as session:
        in_turn(session)
        late = select(Job).where(Job.state.in_(LIVE), Job.held_until <= func.clock_timestamp())
        rows = session.scalars(late.order_by(Job.created_at).limit(50).with_for_update()).all()
        for job in rows:
            if job.state is JobState.RUNNING:
                _hand_on(session, job, now)
            else:
                job.held_until = real_time(session) + LEASE
                announce(session, Topic.JOB_REQUESTED, job_id=job.id)
        return len(rows)


def _hand_on(session: Session, job: Job, now: datetime) -> None:
    if job.attempts >= ATTEMPTS:
        broken = N_("It was tried several times, and broke down each time.")
        _fail(session, job, Message(broken), now)
        return
    let_go(session, job, "hand_on", wakes=False)
    job.held_until = real_time(session) + LEASE
    announce(session, Topic.JOB_REQUESTED, job_id=job.id)


def _fail(session: Session, job: Job, words: Message, now: datetime) -> None:
    let_go(session, job, "fail")
    job.error, job.finished_at = stored(words), now
