"""Reads of the pool."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Person
from portal.core.errors import NotFound
from portal.core.workdays import PLACE
from portal.reviews.pool.models import Absence, Reviewer
from portal.reviews.pool.rules import PoolState


def available_at(at: datetime) -> Select[Reviewer]:
    """Who can be drawn and is not away on that day in Beijing, with their organisation."""
    day = at.astimezone(PLACE).date()
    away = select(Absence.id).where(
        Absence.reviewer_id == Reviewer.id, Absence.since <= day, Absence.until >= day
    )
    return (
        select(Reviewer)
        .join(Person, Person.id == Reviewer.person_id)
        .where(Reviewer.state == PoolState.ACTIVE, Person.active, ~away.exists())
        .options(joinedload(Reviewer.organisation))
    )


def available(session: Session, at: datetime) -> Sequence[Reviewer]:
    """Who can be drawn and is not away on that day in Beijing, by id, with their organisation."""
    return session.scalars(available_at(at).order_by(Reviewer.id)).all()


def if_available(session: Session, reviewer_id: UUID, at: datetime) -> Reviewer | None:
    """One expert, if they can be drawn and are not away on that day in Beijing."""
    return session.scalars(available_at(at).where(Reviewer.id == reviewer_id)).one_or_none()


def to_approve(session: Session, person_id: UUID) -> int:
    """How many experts wait whom this officer may let in: neither proposed by them nor themselves."""
    mine = (Reviewer.proposed_by == person_id) | (Reviewer.person_id == person_id)
    query = select(func.count()).select_from(Reviewer).where(Reviewer.state == PoolState.PROPOSED)
    return session.scalar(query.where(func.coalesce(mine, false()).is_(False))) or 0


def active_pool(session: Session) -> Sequence[Reviewer]:
    """Every reviewer who may be drawn, by id."""
    return session.scalars(
        select(Reviewer)
        .where(Reviewer.state == PoolState.ACTIVE)
        .options(joinedload(Reviewer.organisation))
        .order_by(Reviewer.id)
    ).all()


def emails(session: Session) -> frozenset[str]:
    """The addresses of everybody with an entry."""
    query = select(Person.email).join(Reviewer, Reviewer.person_id == Person.id)
    return frozenset(session.scalars(query))


def of_person(session: Session, person_id: UUID) -> Reviewer | None:
    """A person's entry in the pool, whatever its state, with all that belongs to it."""
    return session.scalars(
        select(Reviewer)
        .where(Reviewer.person_id == person_id)
        .options(
            joinedload(Reviewer.person),
            joinedload(Reviewer.organisation),
            selectinload(Reviewer.employments),
            selectinload(Reviewer.absences),
        )
    ).one_or_none()


def reviewer(session: Session, reviewer_id: UUID) -> Reviewer:
    """One expert with all that belongs to them. Raises NotFound."""
    found = session.get(
        Reviewer,
        reviewer_id,
        options=[
            joinedload(Reviewer.person),
            joinedload(Reviewer.organisation),
            selectinload(Reviewer.employments),
            selectinload(Reviewer.absences),
        ],
    )
    if found is None:
        raise NotFound
    return found


def lock(session: Session, reviewer_id: UUID) -> Reviewer:
    """One expert's entry, locked. Raises NotFound."""
    found = session.scalars(
        select(Reviewer)
        .where(Reviewer.id == reviewer_id)
        .options(joinedload(Reviewer.person), joinedload(Reviewer.organisation))
        .with_for_update(key_share=True, of=Reviewer)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
