"""Who follows what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Person
from portal.challenges.finding.models import Follow
from portal.core.access import Actor

PAGE = 20
Cursor = tuple[datetime, UUID]


def followers_of(session: Session, challenge_id: UUID) -> Sequence[UUID]:
    """The active people who follow a challenge, for their notices."""
    query = select(Follow.person_id).join(Person, Person.id == Follow.person_id)
    query = query.where(Follow.challenge_id == challenge_id, Person.active)
    return session.scalars(query.order_by(Follow.person_id)).all()


def follows(session: Session, actor: Actor, challenge_id: UUID) -> bool:
    """Whether the actor follows a challenge."""
    query = select(Follow.id).where(
        Follow.challenge_id == challenge_id, Follow.person_id == actor.user_id
    )
    return session.scalar(query) is not None


def followed(session: Session, actor: Actor, before: Cursor | None = None) -> Sequence[Follow]:
    """What the actor follows, the latest first, a page at a time and one more."""
    query = select(Follow).where(Follow.person_id == actor.user_id)
    if before is not None:
        query = query.where(tuple_(Follow.at, Follow.id) < before)
    query = query.order_by(Follow.at.desc(), Follow.id.desc()).limit(PAGE + 1)
    return session.scalars(query.options(joinedload(Follow.challenge))).all()
