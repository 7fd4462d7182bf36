"""Who follows what, and whom a published challenge concerns."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Person
from portal.accounts.queries import people_with_role
from portal.challenges.finding.models import Follow, Posting, QuietPerson, SavedSearch
from portal.core.access import BIDDERS, Actor

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


def saved(session: Session, actor: Actor) -> Sequence[SavedSearch]:
    """The actor's saved searches by name; they are few."""
    query = select(SavedSearch).where(SavedSearch.person_id == actor.user_id)
    return session.scalars(query.order_by(SavedSearch.name)).all()


def is_quiet(session: Session, actor: Actor) -> bool:
    """Whether the actor hears only of what fits a saved search."""
    return session.get(QuietPerson, actor.user_id) is not None


def searchers_for(session: Session, challenge_id: UUID) -> dict[UUID, str]:
    """Who has a saved search that a challenge on the list fits, with the first such search's name.

    One query, whatever the number of searches: each is compared with the one challenge, whose words
    are read once.
    """
    one = (
        select(
            Posting.cluster,
            Posting.district,
            Posting.field,
            Posting.money,
            Posting.closes_at,
            func.tsvector_concat(Posting.words, func.array_to_tsvector([])).label("words"),
        )
        .where(Posting.challenge_id == challenge_id)
        .cte("one")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    wanted = SavedSearch
    query = (
        select(wanted.person_id, func.min(wanted.name).label("name"))
        .select_from(one)
        .join(wanted, wanted.cluster.in_(["", one.c.cluster]))
        .join(Person, Person.id == wanted.person_id)
        .where(
            Person.active,
            wanted.district.in_(["", one.c.district]),
            wanted.field.in_(["", one.c.field]),
            or_(wanted.budget_from.is_(None), one.c.money >= wanted.budget_from),
            or_(wanted.budget_to.is_(None), one.c.money <= wanted.budget_to),
            or_(wanted.closes_from.is_(None), one.c.closes_at >= wanted.closes_from),
            or_(wanted.closes_to.is_(None), one.c.closes_at <= wanted.closes_to),
            or_(wanted.terms.is_(None), one.c.words.bool_op("@@")(wanted.terms)),
        )
        .group_by(wanted.person_id)
    )
    return {row.person_id: row.name for row in session.execute(query)}


def bidders_who_hear_of_all(session: Session) -> set[UUID]:
    """The bidders who are told of every published challenge, as long as they do not ask for quiet."""
    return set(people_with_role(session, BIDDERS)) - set(
        session.scalars(select(QuietPerson.person_id))
    )
