"""Reads about projects."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.bids.models import Bid, BidPartner
from portal.bids.rules import PartnerState
from portal.challenges.models import Call, Challenge
from portal.core.access import OFFICERS, Actor, Role
from portal.core.errors import NotFound
from portal.projects import policy
from portal.projects.acceptance.models import Acceptance
from portal.projects.endings.models import Ending
from portal.projects.milestones.models import Milestone, MilestoneEvidence
from portal.projects.models import ContractIndicator, Project
from portal.projects.rules import OVER, ProjectState

Cursor = tuple[datetime, UUID]


def with_course(query: Select[Project]) -> Select[Project]:
    """With what tells how far the project is, in a fixed number of queries."""
    return query.options(
        joinedload(Project.lead),
        joinedload(Project.challenge).joinedload(Challenge.call),
        selectinload(Project.indicators),
        selectinload(Project.milestones),
        selectinload(Project.tranches),
        selectinload(Project.funds),
        selectinload(Project.acceptances).selectinload(Acceptance.experts),
        selectinload(Project.ending).selectinload(Ending.claims),
    )


def _whole(query: Select[Project]) -> Select[Project]:
    """With everything that its pages show."""
    return with_course(query).options(
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
    query = with_course(select(Project).where(Project.id == project_id))
    found = session.scalars(
        query.with_for_update(key_share=True, of=Project).execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def project_of_bid(session: Session, bid_id: UUID) -> Project | None:
    """The project that a bid became."""
    return session.scalars(select(Project).where(Project.bid_id == bid_id)).one_or_none()


def how_many(session: Session, challenge_id: UUID) -> int:
    """How many projects a challenge has or had: their codes count on."""
    query = select(func.count()).where(Project.challenge_id == challenge_id)
    return session.scalar(query) or 0


def all_accepted(session: Session, challenge_id: UUID) -> bool:
    """Whether no project of a challenge is still under way, and one at least was accepted."""
    rows = session.scalars(select(Project.state).where(Project.challenge_id == challenge_id))
    states = set(rows)
    return ProjectState.ACCEPTED in states and states <= OVER


def visible_by_code(session: Session, actor: Actor, code: str) -> Project | None:
    """A project, for those who may see it."""
    found = session.scalars(_whole(select(Project).where(Project.code == code))).one_or_none()
    return found if found and policy.may_see(actor, found) else None


def code_of(session: Session, project_id: UUID) -> str | None:
    """The code of a project."""
    return session.scalar(select(Project.code).where(Project.id == project_id))


def of_actor(actor: Actor) -> ColumnElement[bool]:
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
    query = select(Project).where(of_actor(actor))
    if before is not None:
        query = query.where(tuple_(Project.started_at, Project.id) < before)
    query = query.order_by(Project.started_at.desc(), Project.id.desc()).limit(limit)
    return session.scalars(with_course(query)).all()


def codes_of(session: Session, actor: Actor, challenge_id: UUID) -> Sequence[str]:
    """The codes of a challenge's projects that are one's own."""
    query = select(Project.code).where(Project.challenge_id == challenge_id, of_actor(actor))
    return session.scalars(query.order_by(Project.code)).all()
