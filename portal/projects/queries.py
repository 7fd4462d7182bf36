"""Reads about projects, their milestones and money, and the public registry."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.bids.models import Bid, BidPartner
from portal.bids.rules import PartnerState
from portal.challenges.models import Call, Challenge
from portal.clusters.models import PastProject
from portal.core.access import OFFICERS, Actor, Role
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.core.money import FundSource
from portal.projects import policy
from portal.projects.models import (
    ContractIndicator,
    Milestone,
    MilestoneEvidence,
    Project,
    ProjectFund,
    RegistryEntry,
    Tranche,
)
from portal.projects.rules import Measured, ProjectState, Readiness, Step, readiness, steps

Cursor = tuple[datetime, UUID]


def _course(query: Select[Project]) -> Select[Project]:
    """With what tells how far the project is, in a fixed number of queries."""
    return query.options(
        joinedload(Project.lead),
        joinedload(Project.challenge).joinedload(Challenge.call),
        selectinload(Project.indicators),
        selectinload(Project.milestones),
        selectinload(Project.tranches),
        selectinload(Project.funds),
    )


def _whole(query: Select[Project]) -> Select[Project]:
    """With everything that its pages show."""
    return _course(query).options(
        joinedload(Project.bid).selectinload(Bid.partners).joinedload(BidPartner.organisation),
        joinedload(Project.challenge).joinedload(Challenge.call).joinedload(Call.issuer),
        joinedload(Project.challenge).joinedload(Challenge.call).joinedload(Call.cluster),
        selectinload(Project.indicators).joinedload(ContractIndicator.evidence),
        selectinload(Project.milestones)
        .selectinload(Milestone.evidence)
        .joinedload(MilestoneEvidence.file),
    )


def lock(session: Session, project_id: UUID) -> Project:
    """The project, locked until the transaction ends, with its parts fresh. Raises NotFound."""
    query = _course(select(Project).where(Project.id == project_id))
    found = session.scalars(
        query.with_for_update(key_share=True, of=Project).execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_by_milestone(session: Session, milestone_id: UUID) -> tuple[Project, Milestone]:
    """A milestone with its project, which is locked. Raises NotFound."""
    project_id = session.scalar(select(Milestone.project_id).where(Milestone.id == milestone_id))
    if project_id is None:
        raise NotFound
    project = lock(session, project_id)
    return project, next(m for m in project.milestones if m.id == milestone_id)


def lock_tranche(session: Session, tranche_id: UUID) -> Tranche:
    """The tranche, locked, so that two payments of it wait for each other. Raises NotFound."""
    found = session.scalars(
        select(Tranche)
        .where(Tranche.id == tranche_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_fund(session: Session, project_id: UUID, source: FundSource) -> ProjectFund | None:
    """The money of one source in a project, locked."""
    return session.scalars(
        select(ProjectFund)
        .where(ProjectFund.project_id == project_id, ProjectFund.source == source)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def voucher_used(session: Session, tranche: Tranche, voucher: str) -> bool:
    """Whether the voucher has already paid from this source in the project."""
    known = select(Tranche.id).where(
        Tranche.project_id == tranche.project_id,
        Tranche.source == tranche.source,
        Tranche.voucher == voucher,
    )
    return session.scalar(known) is not None


def project_of_bid(session: Session, bid_id: UUID) -> Project | None:
    """The project that a bid became."""
    return session.scalars(select(Project).where(Project.bid_id == bid_id)).one_or_none()


def all_accepted(session: Session, challenge_id: UUID) -> bool:
    """Whether no project of a challenge is still under way."""
    states = session.scalars(select(Project.state).where(Project.challenge_id == challenge_id))
    return set(states) == {ProjectState.ACCEPTED}


def visible_by_code(session: Session, actor: Actor, code: str) -> Project | None:
    """A project, for those who may see it."""
    found = session.scalars(_whole(select(Project).where(Project.code == code))).one_or_none()
    return found if found and policy.may_see(actor, found) else None


def code_of(session: Session, project_id: UUID) -> str | None:
    """The code of a project."""
    return session.scalar(select(Project.code).where(Project.id == project_id))


def code_by_tranche(session: Session, tranche_id: UUID) -> str | None:
    """The code of the project to which a tranche belongs."""
    return session.scalar(select(Project.code).join(Tranche).where(Tranche.id == tranche_id))


def milestone_visible_to(session: Session, actor: Actor, milestone_id: UUID) -> Milestone | None:
    """A milestone, for those who may see its project."""
    found = session.get(Milestone, milestone_id)
    if found is None or visible_by_code(session, actor, found.project.code) is None:
        return None
    return found


def evidence_visible_to(session: Session, actor: Actor, file_id: UUID) -> StoredFile | None:
    """A file that proves something in a project, for those who may see the project."""
    of_milestone = (
        select(Project)
        .join(Milestone)
        .join(MilestoneEvidence)
        .where(MilestoneEvidence.file_id == file_id)
    )
    of_indicator = (
        select(Project).join(ContractIndicator).where(ContractIndicator.evidence_id == file_id)
    )
    for query in (of_milestone, of_indicator):
        project = session.scalars(query.limit(1)).one_or_none()
        if project is not None and policy.may_see(actor, project):
            return session.get(StoredFile, file_id)
    return None


def _mine(actor: Actor) -> ColumnElement[bool]:
    """The projects that a person works on, or oversees."""
    if actor.has(Role.CITY_OFFICER, Role.AUDITOR):
        return true()
    issued = (
        select(Challenge.id).join(Call).where(Call.issuer_id.in_(actor.organisations_as(*OFFICERS)))
    )
    joined = select(BidPartner.bid_id).where(
        BidPartner.organisation_id.in_(actor.organisations_as(Role.PARTNER)),
        BidPartner.state == PartnerState.CONFIRMED,
    )
    return or_(
        Project.challenge_id.in_(issued),
        Project.lead_id.in_(actor.organisations_as(Role.BIDDER_LEAD)),
        Project.bid_id.in_(joined),
    )


def mine(session: Session, actor: Actor, before: Cursor | None, limit: int) -> Sequence[Project]:
    """One's projects, newest first, a page at a time, from before a time and id."""
    query = select(Project).where(_mine(actor))
    if before is not None:
        query = query.where(tuple_(Project.started_at, Project.id) < before)
    query = query.order_by(Project.started_at.desc(), Project.id.desc()).limit(limit)
    return session.scalars(_course(query)).all()


def codes_of(session: Session, actor: Actor, challenge_id: UUID) -> Sequence[str]:
    """The codes of a challenge's projects that are one's own."""
    query = select(Project.code).where(Project.challenge_id == challenge_id, _mine(actor))
    return session.scalars(query.order_by(Project.code)).all()


def registry_numbers(session: Session, challenge_id: UUID) -> Sequence[int]:
    """The registry's numbers of a challenge's accepted projects."""
    query = select(RegistryEntry.number).join(Project).where(Project.challenge_id == challenge_id)
    return session.scalars(query.order_by(RegistryEntry.number)).all()


def waiting(session: Session, actor: Actor) -> Sequence[Project]:
    """One's projects in which somebody still has to do something."""
    due = select(Tranche.project_id).where(Tranche.state == "due")
    query = select(Project).where(
        _mine(actor), or_(Project.state == ProjectState.ACTIVE, Project.id.in_(due))
    )
    return session.scalars(_course(query.order_by(Project.ends_at, Project.id).limit(50))).all()


def readiness_of(project: Project) -> Readiness:
    """What stands between a project and its acceptance."""
    rows = [Measured(i.asked, i.mandatory, i.measured_value, i.met) for i in project.indicators]
    return readiness([milestone.state for milestone in project.milestones], rows)


def steps_of(project: Project) -> list[Step]:
    """What a project waits for, most pressing first."""
    return steps(
        project.state,
        [milestone.state for milestone in project.milestones],
        [tranche.state for tranche in project.tranches],
        readiness_of(project),
    )


def entry_of(session: Session, project_id: UUID) -> RegistryEntry | None:
    """The registry's entry of a project."""
    return session.scalars(
        select(RegistryEntry).where(RegistryEntry.project_id == project_id)
    ).one_or_none()


def next_registry_number(session: Session) -> int:
    """The number after the last; the caller holds the registry's lock."""
    return (session.scalar(select(func.max(RegistryEntry.number))) or 0) + 1


def registry(session: Session, before: int | None, limit: int) -> Sequence[RegistryEntry]:
    """The registry's entries, newest first, a page at a time, from before a number."""
    query = select(RegistryEntry).order_by(RegistryEntry.number.desc()).limit(limit)
    if before is not None:
        query = query.where(RegistryEntry.number < before)
    return session.scalars(query).all()


def registry_entry(session: Session, number: int) -> RegistryEntry | None:
    """One entry of the registry."""
    return session.scalars(
        select(RegistryEntry).where(RegistryEntry.number == number)
    ).one_or_none()


def _past() -> Select[Any]:
    return select(PastProject).options(
        joinedload(PastProject.source), joinedload(PastProject.cluster)
    )


def past_projects(session: Session, after: str, limit: int) -> Sequence[PastProject]:
    """Projects that sources report from before the portal, a page at a time, from behind a slug."""
    query = _past().where(PastProject.slug > after).order_by(PastProject.slug).limit(limit)
    return session.scalars(query).all()


def past_project(session: Session, slug: str) -> PastProject | None:
    """One project that a source reports from before the portal."""
    found: PastProject | None = session.scalars(
        _past().where(PastProject.slug == slug)
    ).one_or_none()
    return found
