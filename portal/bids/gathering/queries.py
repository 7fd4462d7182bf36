"""Reads of gatherings, named for the question they answer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.bids.gathering.models import Gathering
from portal.bids.gathering.rules import GatheringState
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.core.access import Actor

IS_OPEN = Gathering.state == GatheringState.OPEN


def open_of(session: Session, challenge_id: UUID) -> Gathering | None:
    """The gathering of a challenge that has not ended; its time may be over."""
    query = select(Gathering).where(Gathering.challenge_id == challenge_id, IS_OPEN)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def running(session: Session, challenge_id: UUID, now: datetime) -> Gathering | None:
    """The gathering of a challenge to which custodians may come at `now`."""
    found = open_of(session, challenge_id)
    return found if found is not None and found.is_running(now) else None


def last_of(session: Session, challenge_id: UUID) -> Gathering | None:
    """The gathering that was begun last, however it ended."""
    query = select(Gathering).where(Gathering.challenge_id == challenge_id)
    return session.scalars(query.order_by(Gathering.begun_at.desc()).limit(1)).one_or_none()


def over(session: Session, now: datetime) -> Sequence[UUID]:
    """Challenges whose gathering has run out of time."""
    query = select(Gathering.challenge_id).where(IS_OPEN, Gathering.ends_at <= now)
    return session.scalars(query.limit(100)).all()


def awaiting(session: Session, actor: Actor, now: datetime) -> Sequence[Gathering]:
    """The gatherings to which a person may bring a share that is not there yet."""
    return session.scalars(
        select(Gathering)
        .join(OpeningKey, OpeningKey.challenge_id == Gathering.challenge_id)
        .join(KeyShare, KeyShare.key_id == OpeningKey.id)
        .where(
            IS_OPEN,
            Gathering.ends_at > now,
            KeyShare.person_id == actor.user_id,
            Gathering.holder.is_distinct_from(KeyShare.holder),
        )
        .order_by(Gathering.ends_at)
        .limit(50)
        .options(joinedload(Gathering.challenge))
    ).all()
