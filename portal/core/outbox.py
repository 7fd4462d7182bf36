"""The outbox: what must happen later is a row, written in the transaction of its cause.

The row is the truth about a piece of work, not the broker: `locked_until` is a lease, and an event
is marked done in the very transaction that has its effect, so an effect happens once.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Identity, Index, String, case, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core.db import Base, Json, before_commit, transaction
from portal.core.words import N_, Worded

CHANNEL = "outbox"
RELAY_NAME = "jiebang relay"
"""How a worker's relay calls itself to the database, so that others can tell that it listens."""
DISPATCH_LEASE = timedelta(seconds=10)
"""How long a sent event may wait for a worker before it is sent again."""
RUN_LEASE = timedelta(seconds=30)
"""How long a worker may be busy with an event before another may take it."""
IN_FLIGHT = 1000
"""How many events may be sent and not done: a backlog must not be sent again and again."""
MAX_ATTEMPTS = 12
"""After so many an event counts as stuck: `jiebang outbox` shows it, and it is tried hourly."""
STUCK_PAUSE = timedelta(hours=1)


class Topic(Worded):
    """What can be announced; each topic has exactly one handler in workers/tasks."""

    CHALLENGE_PUBLISHED = "challenge.published", N_("Challenge published")
    CHALLENGE_MOVED = "challenge.moved", N_("Challenge in another state")
    CHALLENGE_AMENDED = "challenge.amended", N_("Challenge amended")
    CHALLENGE_CANCELLED = "challenge.cancelled", N_("Challenge cancelled")
    QUESTION_ANSWERED = "question.answered", N_("Question on a challenge answered")
    BID_SUBMITTED = "bid.submitted", N_("Bid submitted")
    BIDS_OPENED = "bids.opened", N_("Bids opened")
    BID_CHECKED = "bid.checked", N_("Formal check decided")
    TIES_CHANGED = "reviewer.ties_changed", N_("Ties of an expert changed")
    ROUND_STARTED = "round.started", N_("Review round started")
    SEAT_ACCEPTED = "seat.accepted", N_("Reviewer accepted")
    SEAT_VACATED = "seat.vacated", N_("Reviewer to be replaced")
    POOL_VACATED = "seat.pool_vacated", N_("Reviewer of a pool to be replaced")
    FURTHER_SEAT = "seat.further", N_("Seat of a further reviewer accepted or vacated")
    SHEET_SUBMITTED = "sheet.submitted", N_("Score sheet submitted")
    DISAGREEMENT_CLOSED = "disagreement.closed", N_("Disagreement of reviewers closed")
    ROUND_CLOSED = "round.closed", N_("Review round closed early")
    ROUND_RANKED = "round.ranked", N_("Ranking computed")
    NOTICE_PUBLISHED = "notice.published", N_("Notice published")
    AWARD_CONFIRMED = "award.confirmed", N_("Award confirmed")
    CONTRACT_SIGNED = "contract.signed", N_("Contract confirmed by all parties")
    PROJECT_BEGUN = "project.begun", N_("Project begun")
    MILESTONE_REPORTED = "milestone.reported", N_("Milestone reported")
    MILESTONE_ACCEPTED = "milestone.accepted", N_("Milestone accepted")
    MILESTONE_FAILED = "milestone.failed", N_("Milestone failed")
    TRANCHE_PAID = "tranche.paid", N_("Tranche paid")
    PROJECT_ENDED = "project.ended", N_("Project ended early")
    PROJECT_ACCEPTED = "project.accepted", N_("Project accepted")
    PROJECT_FAILED = "project.failed", N_("Acceptance failed")
    PASSWORD_CHANGED = "account.password_changed", N_("Password changed")
    FACTOR_CHANGED = "factor.changed", N_("Second factor changed or tried")
    JOB_REQUESTED = "job.requested", N_("Task requested")


class Event(Base):
    """One announced event; leases are in real time, `due_at` in the portal's time."""

    __tablename__ = "outbox"
    __table_args__ = (
        # The relay looks only at what is still to be done.
        Index("ix_outbox_pending", "due_at", "id", postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))
    payload: Mapped[Json]
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    due_at: Mapped[datetime]
    sent_until: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


@dataclass(frozen=True)
class Claimed:
    """An event as the worker holds it."""

    id: int
    topic: str
    payload: Json
    attempt: int


class AlreadyHandled(Exception):
    """Another worker's transaction had this event's effect first."""


_ANNOUNCED = text(
    "WITH made AS (INSERT INTO outbox (topic, payload, due_at, attempts)"
    " VALUES (:topic, CAST(:payload AS jsonb), portal_now(), 0))"
    " SELECT pg_notify(:channel, '')"
)
"""One statement, past the mapper: nearly every act has it."""


def announce(session: Session, topic: Topic, **payload: object) -> None:
    """Write an event; it becomes real, and the relay wakes, only with the caller's commit."""
    told = json.dumps({key: str(value) for key, value in payload.items()}, ensure_ascii=False)
    facts = {"topic": topic.value, "payload": told, "channel": CHANNEL}
    session.connection().execute(_ANNOUNCED, facts)


def claim_for_dispatch(session: Session, limit: int = 50) -> list[int]:
    """Take the ids of events to send to the broker, and lease them for as long as that may take."""
    clock = func.clock_timestamp()
    in_flight = select(func.count()).where(Event.done_at.is_(None), Event.sent_until > clock)
    room = IN_FLIGHT - (session.scalar(in_flight) or 0)
    due = (
        select(Event.id)
        .where(
            Event.done_at.is_(None),
            Event.due_at <= func.portal_now(),
            func.coalesce(Event.sent_until, clock) <= clock,
            func.coalesce(Event.locked_until, clock) <= clock,
        )
        .order_by(Event.due_at, Event.id)
        .limit(max(0, min(limit, room)))
        .with_for_update(skip_locked=True)
        # Once: a plan that runs this for each row of the table would lock, and take, all of them.
        .cte("due")
        .prefix_with("MATERIALIZED")
    )
    lease = case((Event.attempts >= MAX_ATTEMPTS, STUCK_PAUSE), else_=DISPATCH_LEASE)
    taken = update(Event).where(Event.id.in_(select(due.c.id))).values(sent_until=clock + lease)
    return sorted(
        session.scalars(
            taken.returning(Event.id).execution_options(synchronize_session=False)
        ).all()
    )


def claim_to_run(session: Session, event_id: int) -> Claimed | None:
    """Lease one event for a worker; None when it is done or another worker is at it."""
    clock = func.clock_timestamp()
    row = session.execute(
        update(Event)
        .where(
            Event.id == event_id,
            Event.done_at.is_(None),
            func.coalesce(Event.locked_until, clock) <= clock,
        )
        .values(locked_until=clock + RUN_LEASE, attempts=Event.attempts + 1)
        .returning(Event.id, Event.topic, Event.payload, Event.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return Claimed(row.id, row.topic, row.payload, row.attempts) if row else None


def release(session: Session, event_id: int, error: str, wait: timedelta) -> None:
    """Give an event back after an error, to be tried again after `wait`."""
    session.execute(
        update(Event)
        .where(Event.id == event_id, Event.done_at.is_(None))
        .values(locked_until=func.clock_timestamp() + wait, last_error=error[:2000])
    )


def pending(session: Session) -> int:
    """How many events are due and not done."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Event)
            .where(Event.done_at.is_(None), Event.due_at <= func.portal_now())
        )
        or 0
    )


def stuck(session: Session, limit: int = 100) -> Sequence[Event]:
    """Events that failed MAX_ATTEMPTS times and more, oldest first."""
    return session.scalars(
        select(Event)
        .where(Event.done_at.is_(None), Event.attempts >= MAX_ATTEMPTS)
        .order_by(Event.due_at, Event.id)
        .limit(limit)
    ).all()


def retry_stuck(session: Session) -> int:
    """Make every stuck event due at once, as if it were new; returns how many there were."""
    freed = update(Event).where(Event.done_at.is_(None), Event.attempts >= MAX_ATTEMPTS)
    ids = session.scalars(
        freed.values(attempts=0, sent_until=None, locked_until=None).returning(Event.id)
    ).all()
    session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
    return len(ids)


@contextmanager
def handling(event_id: int) -> Iterator[None]:
    """Within this, the transaction marks the event done with its own commit, or not at all.

    A handler has one transaction; with none, there was nothing to do, and the event is done.
    Raises AlreadyHandled when another worker came first, RuntimeError for a second transaction.
    """
    marked: list[int] = []

    def mark_done(session: Session) -> None:
        query = (
            update(Event)
            .where(Event.id == event_id, Event.done_at.is_(None))
            .values(done_at=func.clock_timestamp(), locked_until=None, last_error=None)
            .returning(Event.id)
            .execution_options(synchronize_session=False)
        )
        found = list(session.scalars(query))
        if not found and marked:
            raise RuntimeError("a handler has one transaction: what a second did would be lost")
        if not found:
            raise AlreadyHandled(event_id)
        marked.extend(found)

    token = before_commit.set(mark_done)
    try:
        yield
        if not marked:
            with transaction():
                pass
    finally:
        before_commit.reset(token)


@contextmanager
def afterwards() -> Iterator[None]:
    """Within this, transactions are no part of the event: it is done, and what follows is not its."""
    token = before_commit.set(None)
    try:
        yield
    finally:
        before_commit.reset(token)
