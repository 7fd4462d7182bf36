"""Sums of boards; the database adds up, in as many queries for one cluster as for twenty."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session, selectinload

from portal.bids.teams.models import TeamPerson
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import PUBLIC_STATES
from portal.clusters.models import Cluster
from portal.core.access import Actor
from portal.core.money import FundSource
from portal.projects.boards import policy, tables
from portal.projects.boards.columns import Sums
from portal.projects.boards.flows import Flow
from portal.projects.boards.rules import Due, Kind, Leverage, Listed, Reading, leverage
from portal.projects.models import Project
from portal.projects.rules import ProjectState

ROWS = 30
"""Projects on a board's Gantt chart, at most: those that end last."""


@dataclass
class Figures:
    """The numbers of one cluster; money in yuan by kind, quarter and source."""

    money: dict[tuple[Kind, str, FundSource], Decimal] = field(default_factory=dict)
    projects: dict[ProjectState, int] = field(default_factory=dict)
    milestones: dict[Due, int] = field(default_factory=dict)
    indicators: dict[Reading, int] = field(default_factory=dict)
    listed: dict[Listed, int] = field(default_factory=dict)
    organisations: int = 0

    def of(self, kind: Kind, source: FundSource | None = None) -> Decimal:
        """All the money of a kind, or what one source gave of it."""
        return sum(
            (a for (k, _, s), a in self.money.items() if k is kind and source in (None, s)),
            Decimal(0),
        )

    def leverage(self, kind: Kind) -> Leverage:
        """What public money brought with it in the projects of the portal, all of it known."""
        return leverage({source: self.of(kind, source) for source in FundSource})

    @property
    def sums(self) -> Sums:
        """The money for the columns."""
        return self.money


def visible(session: Session, actor: Actor, after: int, limit: int) -> Sequence[Cluster]:
    """The clusters whose boards one sees, in their order, from behind a position."""
    query = select(Cluster).where(Cluster.position > after).order_by(Cluster.position, Cluster.id)
    if not policy.sees_all(actor):
        query = query.where(Cluster.district.in_(actor.districts))
    return session.scalars(query.limit(limit)).all()


def visible_by_slug(session: Session, actor: Actor, slug: str) -> Cluster | None:
    """One cluster with what is published of it, for those who see its board."""
    lists = (Cluster.terms, Cluster.funds, Cluster.platforms, Cluster.results, Cluster.sites)
    query = select(Cluster).where(Cluster.slug == slug)
    found = session.scalars(query.options(*map(selectinload, lists))).one_or_none()
    return found if found and policy.may_see(actor, found) else None


def figures(session: Session, clusters: Sequence[UUID], now: datetime) -> dict[UUID, Figures]:
    """The numbers of these clusters."""
    found: defaultdict[UUID, Figures] = defaultdict(Figures)
    for kind in Kind:
        entry = tables.money(kind)
        columns: list[Any] = [entry.c.cluster_id, entry.c.quarter, entry.c.source]
        query: Any = select(*columns, func.sum(entry.c.amount)).group_by(*columns)
        for row in session.execute(query.where(entry.c.cluster_id.in_(clusters))):
            cluster, quarter, source, amount = row
            found[cluster].money[kind, quarter, FundSource(source)] = amount
    for cluster, state, number in _counts(session, tables.projects(), "state", clusters):
        found[cluster].projects[ProjectState(state)] = number
    for cluster, due, number in _counts(session, tables.milestones(now), "due", clusters):
        found[cluster].milestones[Due(due)] = number
    for cluster, reading, number in _counts(session, tables.indicators(), "reading", clusters):
        found[cluster].indicators[Reading(reading)] = number
    for cluster, listed, number in _counts(session, tables.published(), "listed", clusters):
        found[cluster].listed[Listed(listed)] = number
    place = tables.places()
    bodies = func.count(place.c.organisation_id.distinct())
    query = select(place.c.cluster_id, bodies).group_by(place.c.cluster_id)
    for cluster, number in session.execute(query.where(place.c.cluster_id.in_(clusters))):
        found[cluster].organisations = number
    return {cluster: found[cluster] for cluster in clusters}


def _counts(
    session: Session, table: Subquery, column: str, clusters: Sequence[UUID]
) -> Sequence[tuple[UUID, str, int]]:
    columns = (table.c.cluster_id, table.c[column])
    query = select(*columns, func.count()).where(table.c.cluster_id.in_(clusters))
    return [(row[0], row[1], row[2]) for row in session.execute(query.group_by(*columns))]


def flows(session: Session, cluster_id: UUID, kind: Kind) -> tuple[list[Flow], dict[str, str]]:
    """Money from sources through challenges to projects, and the titles of these by their codes."""
    entry = tables.money(kind)
    names_of = ("source", "challenge", "project", "challenge_title", "title")
    columns: list[Any] = [entry.c[name] for name in names_of]
    query: Any = select(*columns, func.sum(entry.c.amount)).group_by(*columns)
    found: list[Flow] = []
    names: dict[str, str] = {}
    for row in session.execute(query.where(entry.c.cluster_id == cluster_id)):
        source, challenge, project, challenge_title, title, amount = row
        found.append(Flow(FundSource(source), challenge, project, amount))
        names |= {challenge: challenge_title, project: title}
    return found, names


def courses(session: Session, cluster_id: UUID) -> Sequence[Project]:
    """Projects that are contracted, with their milestones; those that end last, in order of begin."""
    table = tables.projects()
    chosen = (
        select(table.c.project_id)
        .where(table.c.cluster_id == cluster_id, table.c.state != ProjectState.SIGNING.value)
        .order_by(table.c.key.desc())
        .limit(ROWS)
    )
    query = select(Project).where(Project.id.in_(chosen))
    query = query.options(selectinload(Project.milestones))
    return session.scalars(query.order_by(Project.started_at, Project.code)).all()


@dataclass(frozen=True)
class Stage:
    """Who stands at one stage of the chain, and with how much work."""

    challenges: int = 0
    projects: int = 0
    organisations: tuple[str, ...] = ()


def stages(session: Session, cluster_id: UUID) -> dict[str, Stage]:
    """By stage of the chain; work of which none is told stands under the empty word."""
    asked = (
        select(Challenge.chain_stage, func.count())
        .join(Call)
        .where(Call.cluster_id == cluster_id, Challenge.state.in_(PUBLIC_STATES))
        .group_by(Challenge.chain_stage)
    )
    place = tables.places()
    stood = (
        select(
            place.c.stage,
            func.count(place.c.project_id.distinct()),
            func.array_agg(place.c.organisation.distinct()),
        )
        .where(place.c.cluster_id == cluster_id)
        .group_by(place.c.stage)
    )
    challenges = {row[0]: row[1] for row in session.execute(asked)}
    work = {stage: (number, tuple(names)) for stage, number, names in session.execute(stood)}
    return {
        stage: Stage(challenges.get(stage, 0), *work.get(stage, (0, ())))
        for stage in {*challenges, *work}
    }


def people(session: Session, cluster_id: UUID) -> int:
    """How many people of the teams have work in the cluster's projects."""
    place = tables.projects()
    bids = select(Project.bid_id).join(place, place.c.project_id == Project.id)
    bids = bids.where(place.c.cluster_id == cluster_id, place.c.state != "signing")
    named = select(func.count(TeamPerson.person_id.distinct()))
    return session.scalar(named.where(TeamPerson.bid_id.in_(bids))) or 0
