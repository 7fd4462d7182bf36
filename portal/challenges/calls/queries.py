"""Reads of calls, named for the question they answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.challenges import policy
from portal.challenges.models import Call, Challenge, ChallengeFund
from portal.clusters.models import Cluster
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound
from portal.core.money import PUBLIC_SOURCES

PAGE = 20
Cursor = tuple[datetime, UUID]


def published(session: Session, before: Cursor | None = None) -> Sequence[Call]:
    """Calls of which something is public, newest first; one row more than a page."""
    query = select(Call).where(Call.published_at.is_not(None))
    query = query.options(joinedload(Call.cluster), joinedload(Call.issuer))
    if before is not None:
        query = query.where(tuple_(Call.published_at, Call.id) < before)
    query = query.order_by(Call.published_at.desc(), Call.id.desc())
    return session.scalars(query.limit(PAGE + 1)).all()


def public_call(session: Session, number: str) -> Call:
    """The call with this number, once something of it is public. Raises NotFound."""
    found = session.scalars(
        select(Call)
        .where(Call.number == number, Call.published_at.is_not(None))
        .options(joinedload(Call.cluster), joinedload(Call.issuer))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


_PUBLIC_MONEY = (
    select(func.sum(ChallengeFund.amount))
    .where(
        ChallengeFund.challenge_id == Challenge.id,
        ChallengeFund.source.in_(list(PUBLIC_SOURCES)),
    )
    .scalar_subquery()
)


def challenges_of(session: Session, call: Call, before: Cursor | None = None) -> Sequence[Row[Any]]:
    """A page of a call's published challenges, newest first; one row more than a page."""
    query: Any = (
        select(
            Challenge.id,
            Challenge.code,
            Challenge.title,
            Challenge.title_en,
            Challenge.state,
            Challenge.scenario_site,
            Challenge.published_at,
            Challenge.closes_at,
            Cluster.name.label("cluster"),
            Cluster.name_en.label("cluster_en"),
            _PUBLIC_MONEY.label("money"),
        )
        .join(Cluster, Cluster.id == call.cluster_id)
        .where(Challenge.call_id == call.id, Challenge.published_at.is_not(None))
        .order_by(Challenge.published_at.desc(), Challenge.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(tuple_(Challenge.published_at, Challenge.id) < before)
    rows: Sequence[Row[Any]] = session.execute(query).all()
    return rows


def counts(session: Session, calls: Sequence[Call], public_only: bool) -> dict[UUID, int]:
    """How many challenges each of these calls has."""
    query = select(Challenge.call_id, func.count()).group_by(Challenge.call_id)
    query = query.where(Challenge.call_id.in_([call.id for call in calls]))
    if public_only:
        query = query.where(Challenge.published_at.is_not(None))
    return dict(session.execute(query).all())


def mine(session: Session, actor: Actor, before: Cursor | None = None) -> Sequence[Call]:
    """The calls of the actor's bodies, newest first; one row more than a page."""
    bodies = list(actor.organisations_as(*OFFICERS))
    query = select(Call).where(Call.issuer_id.in_(bodies)).options(joinedload(Call.cluster))
    if before is not None:
        query = query.where(tuple_(Call.created_at, Call.id) < before)
    query = query.order_by(Call.created_at.desc(), Call.id.desc())
    return session.scalars(query.limit(PAGE + 1)).all()


def manageable(session: Session, actor: Actor, call_id: UUID) -> Call:
    """A call of one of the actor's bodies. Raises NotFound."""
    found = session.get(Call, call_id)
    if found is None or not policy.may_draft(actor, found):
        raise NotFound
    return found


def cluster_choices(session: Session) -> list[tuple[str, str, str]]:
    """The id and the names of every cluster."""
    rows = session.execute(
        select(Cluster.id, Cluster.name, Cluster.name_en).order_by(Cluster.position)
    )
    return [(str(key), name, name_en) for key, name, name_en in rows]
