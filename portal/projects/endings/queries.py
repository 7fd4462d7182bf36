"""Reads about suspensions, early endings and claims."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects.endings.models import ClawBack, Ending, MoneyBack, Suspension
from portal.projects.endings.rules import REMIND_BEFORE, ClaimState
from portal.projects.models import Project
from portal.projects.rules import ProjectState

MOST = 100


def public_paid(project: Project) -> dict[FundSource, Decimal]:
    """Public money that a project was paid, in yuan by source; sources that paid nothing are left out.

    Of a project that has failed the surplus of its account goes back in any case and does not count.
    """
    last = project.acceptance if project.state is ProjectState.FAILED else None
    surplus = {line.source: line.goes_back for line in last.lines} if last else {}
    paid = {
        fund.source: fund.paid - surplus.get(fund.source, Decimal(0))
        for fund in project.funds
        if fund.source in PUBLIC_SOURCES
    }
    return {source: amount for source, amount in paid.items() if amount}


def suspensions(session: Session, project_id: UUID) -> Sequence[Suspension]:
    """When and why a project was suspended, in order."""
    query = select(Suspension).where(Suspension.project_id == project_id)
    return session.scalars(query.order_by(Suspension.begun_at)).all()


def open_suspension(session: Session, project_id: UUID) -> Suspension | None:
    """The suspension that lasts."""
    query = select(Suspension).where(
        Suspension.project_id == project_id, Suspension.ended_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def ending_of(session: Session, project_id: UUID) -> Ending | None:
    """How a project ended early, with its claims and what came of them."""
    query = select(Ending).where(Ending.project_id == project_id)
    whole = query.options(
        selectinload(Ending.claims).selectinload(ClawBack.receipts).joinedload(MoneyBack.file),
        joinedload(Ending.person),
        joinedload(Ending.file),
    )
    return session.scalars(whole).one_or_none()


def lock_by_claim(session: Session, claim_id: UUID) -> tuple[Project, ClawBack]:
    """A claim with its project, which is locked. Raises NotFound."""
    query = select(Ending.project_id).join(ClawBack).where(ClawBack.id == claim_id)
    project_id = session.scalar(query)
    if project_id is None:
        raise NotFound
    project = project_queries.lock(session, project_id)
    return project, session.get_one(ClawBack, claim_id, populate_existing=True)


def code_of_claim(session: Session, claim_id: UUID) -> str | None:
    """The code of the project of a claim."""
    query = select(Project.code).join(Ending).join(ClawBack).where(ClawBack.id == claim_id)
    return session.scalar(query)


def to_settle(session: Session, actor: Actor) -> Sequence[Project]:
    """The actor's projects whose acceptance has failed, and of which nobody has said what is claimed."""
    settled = select(Ending.project_id)
    query = select(Project).where(
        Project.state == ProjectState.FAILED,
        Project.id.not_in(settled),
        project_queries.of_actor(actor),
    )
    return session.scalars(query.order_by(Project.ends_at, Project.id).limit(MOST)).all()


def document_used(session: Session, claim: ClawBack, document: str) -> bool:
    """Whether a document has already shown money of this claim."""
    query = select(MoneyBack.id).where(
        MoneyBack.claw_back_id == claim.id, MoneyBack.document == document
    )
    return session.scalar(query) is not None


def open_claims(session: Session, actor: Actor) -> Sequence[ClawBack]:
    """Claims of projects that concern the actor, of which something is still to come."""
    query = (
        select(ClawBack)
        .join(ClawBack.ending)
        .join(Ending.project)
        .where(ClawBack.state == ClaimState.OPEN, project_queries.of_actor(actor))
        .options(joinedload(ClawBack.ending).joinedload(Ending.project))
    )
    return session.scalars(query.order_by(ClawBack.due_on, ClawBack.id).limit(MOST)).all()


def to_remind(session: Session, now: datetime) -> Sequence[UUID]:
    """Claims whose date is near, or has passed."""
    soon = (now + REMIND_BEFORE).astimezone(PLACE).date()
    query = select(ClawBack.id).where(ClawBack.state == ClaimState.OPEN, ClawBack.due_on <= soon)
    return session.scalars(query.order_by(ClawBack.due_on).limit(MOST)).all()


def paper(session: Session, actor: Actor, file_id: UUID) -> StoredFile:
    """What proves an ending or money that came back, for those who see the project.

    Raises NotFound.
    """
    of_ending = select(Project).join(Ending).where(Ending.file_id == file_id)
    of_money = (
        select(Project)
        .join(Ending)
        .join(ClawBack)
        .join(MoneyBack)
        .where(MoneyBack.file_id == file_id)
    )
    for query in (of_ending, of_money):
        project = session.scalars(query.limit(1)).one_or_none()
        if project is not None and policy.may_see(actor, project):
            return session.get_one(StoredFile, file_id)
    raise NotFound
