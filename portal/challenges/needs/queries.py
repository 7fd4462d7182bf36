"""Reads of needs and opinions; what somebody may not see does not exist for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.accounts.models import Organisation, Person, PersonRole
from portal.challenges.models import Call, Challenge
from portal.challenges.needs import policy
from portal.challenges.needs.models import Need, Opinion
from portal.challenges.needs.rules import OPEN_STATES, NeedState, OpinionState, Priority
from portal.clusters.models import Cluster
from portal.core.access import Actor, Role
from portal.core.errors import NotFound

PAGE = 20
EXPERTS_SHOWN = 20
Cursor = tuple[datetime, UUID]
NO_CLUSTER = "none"
"""In an address: the needs without a cluster."""


@dataclass(frozen=True)
class Filters:
    """How the board is narrowed; empty means all."""

    cluster: str = ""
    state: str = ""
    priority: str = ""
    words: str = ""


def _whole() -> Select[Need]:
    call = joinedload(Need.challenge).joinedload(Challenge.call)
    return select(Need).options(
        joinedload(Need.owner),
        joinedload(Need.cluster),
        joinedload(Need.attachment),
        joinedload(Need.merged_into).joinedload(Need.challenge).joinedload(Challenge.call),
        call.joinedload(Call.issuer),
        selectinload(Need.opinions).joinedload(Opinion.expert),
    )


def visible(session: Session, actor: Actor, need_id: UUID) -> Need:
    """A need that the actor may read. Raises NotFound."""
    found = session.scalars(_whole().where(Need.id == need_id)).one_or_none()
    if found is None or not policy.may_read(actor, found):
        raise NotFound
    return found


def lock(session: Session, need_ids: Iterable[UUID]) -> Sequence[Need]:
    """These needs, locked in one order for all until the transaction ends. Raises NotFound."""
    wanted = set(need_ids)
    found = session.scalars(
        select(Need)
        .where(Need.id.in_(wanted))
        .options(joinedload(Need.owner), joinedload(Need.cluster), selectinload(Need.opinions))
        .order_by(Need.id)
        .with_for_update(key_share=True, of=Need)
        .execution_options(populate_existing=True)
    ).all()
    if len(found) != len(wanted):
        raise NotFound
    return found


def lock_opinion(session: Session, opinion_id: UUID) -> Opinion:
    """An opinion of a need that is locked first. Raises NotFound."""
    need_id = session.scalar(select(Opinion.need_id).where(Opinion.id == opinion_id))
    if need_id is None:
        raise NotFound
    need = lock(session, [need_id])[0]
    return next(opinion for opinion in need.opinions if opinion.id == opinion_id)


def merged_into(session: Session, need_id: UUID) -> Sequence[Need]:
    """The needs that were merged into this one, in the order of their numbers."""
    return session.scalars(
        select(Need)
        .where(Need.merged_into_id == need_id)
        .options(joinedload(Need.owner), joinedload(Need.cluster))
        .order_by(Need.number)
    ).all()


def of_challenge(session: Session, challenge_id: UUID) -> Sequence[Need]:
    """The needs of which a challenge came, with those merged into them."""
    drawn = select(Need.id).where(
        Need.challenge_id == challenge_id, Need.state == NeedState.DRAFTED
    )
    return session.scalars(
        select(Need)
        .where(or_(Need.id.in_(drawn), Need.merged_into_id.in_(drawn)))
        .options(joinedload(Need.owner), joinedload(Need.cluster), selectinload(Need.opinions))
        .order_by(Need.number)
    ).all()


def is_raiser(session: Session, actor: Actor | None, challenge_id: UUID) -> bool:
    """Whether the challenge came of a need of the reader's own organisation."""
    if actor is None:
        return False
    homes = policy.homes(actor)
    return any(need.owner_id in homes for need in of_challenge(session, challenge_id))


def mine(session: Session, actor: Actor, before: Cursor | None = None) -> Sequence[Need]:
    """The needs of the actor's organisations, newest first, a page at a time."""
    query = (
        select(Need)
        .where(Need.owner_id.in_(policy.homes(actor)))
        .options(joinedload(Need.cluster))
        .order_by(Need.created_at.desc(), Need.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(tuple_(Need.created_at, Need.id) < before)
    return session.scalars(query).all()


def _overseen(actor: Actor) -> ColumnElement[bool]:
    """policy.may_read_all as a condition: for a query that joins owner and cluster."""
    if actor.has(Role.CITY_OFFICER, Role.AUDITOR):
        return true()
    districts = list(actor.districts)
    return or_(Organisation.district.in_(districts), Cluster.district.in_(districts))


def _board(actor: Actor, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Need)
        .join(Organisation, Organisation.id == Need.owner_id)
        .outerjoin(Cluster, Cluster.id == Need.cluster_id)
        .where(Need.handed_in_at.is_not(None), _overseen(actor))
    )


def board(
    session: Session, actor: Actor, filters: Filters, before: Cursor | None = None
) -> Sequence[Need]:
    """What was handed in to the actor, newest first, a page at a time; one row more than a page."""
    query = _narrowed(_board(actor, Need), filters)
    if filters.cluster == NO_CLUSTER:
        query = query.where(Need.cluster_id.is_(None))
    elif filters.cluster:
        query = query.where(Cluster.slug == filters.cluster)
    if before is not None:
        query = query.where(tuple_(Need.handed_in_at, Need.id) < before)
    query = query.order_by(Need.handed_in_at.desc(), Need.id.desc()).limit(PAGE + 1)
    eager = (contains_eager(Need.owner), contains_eager(Need.cluster))
    return session.scalars(query.options(*eager)).all()


def _narrowed(query: Select[Any], filters: Filters) -> Select[Any]:
    if filters.state in set(NeedState):
        query = query.where(Need.state == NeedState(filters.state))
    if filters.priority in set(Priority):
        query = query.where(Need.priority == Priority(filters.priority))
    if filters.words:
        texts = (Need.title, Need.problem, Need.site, Organisation.name)
        found = [column.icontains(filters.words, autoescape=True) for column in texts]
        query = query.where(or_(*found))
    return query


def by_cluster(session: Session, actor: Actor, filters: Filters) -> Sequence[Row[Any]]:
    """How many of the needs that fit the other filters each cluster has; None for no cluster."""
    columns = (Cluster.slug, Cluster.name, Cluster.name_en, Cluster.position)
    counted = _board(actor, *columns, func.count().label("needs"))
    query = _narrowed(counted, filters).group_by(*columns)
    return session.execute(query.order_by(Cluster.position.nulls_first())).all()


def cluster_choices(session: Session) -> Sequence[Row[Any]]:
    """Every cluster, to choose from."""
    columns: tuple[Any, ...] = (Cluster.id, Cluster.slug, Cluster.name, Cluster.name_en)
    return session.execute(select(*columns).order_by(Cluster.position)).all()


def chosen(session: Session, actor: Actor, need_ids: Iterable[UUID]) -> Sequence[Need]:
    """These needs of the board, for merging, in the order of their numbers."""
    query = _board(actor, Need).where(Need.id.in_(list(need_ids))).order_by(Need.number)
    eager = (contains_eager(Need.owner), contains_eager(Need.cluster))
    return session.scalars(query.options(*eager)).all()


def unsorted(session: Session, actor: Actor) -> int:
    """How many needs wait for the officer to sort them."""
    query = _board(actor, func.count()).where(Need.state == NeedState.HANDED_IN)
    return session.scalar(query) or 0


def asked(session: Session, actor: Actor, before: Cursor | None = None) -> Sequence[Opinion]:
    """The opinions for which an expert was asked, newest first, a page at a time."""
    query = (
        select(Opinion)
        .join(Opinion.need)
        .where(
            Opinion.expert_id == actor.user_id,
            Opinion.state != OpinionState.REFUSED,
            Need.handed_in_at.is_not(None),
        )
        .options(contains_eager(Opinion.need))
        .order_by(Opinion.asked_at.desc(), Opinion.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(tuple_(Opinion.asked_at, Opinion.id) < before)
    return session.scalars(query).all()


def awaited(session: Session, actor: Actor) -> Sequence[Opinion]:
    """What an expert has still to say, the first date first."""
    return session.scalars(
        select(Opinion)
        .join(Opinion.need)
        .where(
            Opinion.expert_id == actor.user_id,
            Opinion.state == OpinionState.ASKED,
            Need.state.in_(list(OPEN_STATES)),
        )
        .options(contains_eager(Opinion.need))
        .order_by(Opinion.answer_by, Opinion.id)
        .limit(50)
    ).all()


def possible_experts(session: Session, need: Need, words: str) -> Sequence[Row[Any]]:
    """Experts who could be asked: not the owner's own people, nor those asked before."""
    works_there = select(PersonRole.person_id).where(PersonRole.organisation_id == need.owner_id)
    known = select(Opinion.expert_id).where(Opinion.need_id == need.id)
    home: Any = func.min(Organisation.name).label("organisation")
    query: Select[Any] = (
        select(Person.id, Person.name, home)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .join(Organisation, Organisation.id == PersonRole.organisation_id)
        .where(PersonRole.role == Role.REVIEWER, Person.active)
        .where(Person.id.not_in(works_there), Person.id.not_in(known))
        .group_by(Person.id, Person.name)
        .order_by(Person.name, Person.id)
        .limit(EXPERTS_SHOWN)
    )
    if words:
        texts = (Person.name, Organisation.name, Person.email)
        query = query.where(or_(*[text.icontains(words, autoescape=True) for text in texts]))
    return session.execute(query).all()
