"""Reads of the pool."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.accounts.models import Person
from portal.reviews.pool.models import Reviewer


def pool(session: Session, after: str = "", limit: int = 50) -> Sequence[Reviewer]:
    """Reviewers by their address, a page at a time."""
    return session.scalars(
        select(Reviewer)
        .join(Reviewer.person)
        .where(Person.email > after)
        .options(contains_eager(Reviewer.person), joinedload(Reviewer.organisation))
        .order_by(Person.email)
        .limit(limit)
    ).all()


def active_pool(session: Session) -> Sequence[Reviewer]:
    """Every reviewer who may be drawn, by id."""
    return session.scalars(
        select(Reviewer)
        .where(Reviewer.active)
        .options(joinedload(Reviewer.organisation))
        .order_by(Reviewer.id)
    ).all()


def is_in_pool(session: Session, person_id: UUID) -> bool:
    """Whether a person is a reviewer of the pool."""
    return session.scalar(select(Reviewer.id).where(Reviewer.person_id == person_id)) is not None
