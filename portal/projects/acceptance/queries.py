"""Reads about acceptance."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Person
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.projects.acceptance import policy
from portal.projects.acceptance.models import (
    Acceptance,
    AcceptanceExpert,
    AcceptancePaper,
    Claim,
    StatementLine,
)
from portal.projects.acceptance.rules import AcceptanceState, Measured, Readiness, readiness
from portal.projects.milestones.models import MilestoneEvidence
from portal.projects.models import Project
from portal.projects.queries import lock
from portal.reviews.conflicts import queries as conflicts
from portal.reviews.pool import queries as pool
from portal.reviews.pool.models import Reviewer

SOON = timedelta(days=14)
"""So long before the date of a second examination everybody is reminded."""
EXPERTS_OFFERED = 200
"""Experts of the pool among whom an officer chooses on one page."""


def readiness_of(project: Project) -> Readiness:
    """What stands between a project and its acceptance."""
    rows = [Measured(i.asked, i.mandatory, i.measured_value, i.met) for i in project.indicators]
    return readiness([milestone.state for milestone in project.milestones], rows)


def lock_by_acceptance(session: Session, acceptance_id: UUID) -> tuple[Project, Acceptance]:
    """An acceptance with its project, which is locked. Raises NotFound."""
    project_id = session.scalar(select(Acceptance.project_id).where(Acceptance.id == acceptance_id))
    if project_id is None:
        raise NotFound
    project = lock(session, project_id)
    return project, next(one for one in project.acceptances if one.id == acceptance_id)


def readable_by(session: Session, actor: Actor, acceptance_id: UUID) -> Acceptance | None:
    """An acceptance with all that its page shows, for those who may read it."""
    found = session.get(
        Acceptance,
        acceptance_id,
        options=[
            joinedload(Acceptance.project),
            selectinload(Acceptance.claims).joinedload(Claim.indicator),
            selectinload(Acceptance.papers).joinedload(AcceptancePaper.file),
            selectinload(Acceptance.lines),
            selectinload(Acceptance.experts)
            .joinedload(AcceptanceExpert.reviewer)
            .joinedload(Reviewer.person),
        ],
    )
    return found if found and policy.may_read(actor, found) else None


def by_fingerprint(session: Session, fingerprint: str) -> Acceptance | None:
    """The acceptance whose certificate has this fingerprint."""
    return session.scalars(
        select(Acceptance).where(Acceptance.fingerprint == fingerprint)
    ).one_or_none()


def file_of(session: Session, acceptance: Acceptance, file_id: UUID) -> StoredFile | None:
    """A file that belongs to an acceptance: its documents, and what proves the project's results."""
    project = acceptance.project
    known = {paper.file_id for one in project.acceptances for paper in one.papers}
    known |= {row.evidence_id for row in project.indicators if row.evidence_id}
    milestones = [one.id for one in project.milestones]
    shown = select(MilestoneEvidence.file_id).where(MilestoneEvidence.milestone_id.in_(milestones))
    known |= set(session.scalars(shown))
    return session.get(StoredFile, file_id) if file_id in known else None


def waiting_for_expert(session: Session, actor: Actor) -> Sequence[Acceptance]:
    """What an expert is asked to examine."""
    query = (
        select(Acceptance)
        .join(AcceptanceExpert)
        .join(Reviewer)
        .where(
            Acceptance.state == AcceptanceState.EXAMINED,
            Reviewer.person_id == actor.user_id,
            AcceptanceExpert.left_at.is_(None),
        )
        .options(
            joinedload(Acceptance.project).selectinload(Project.indicators),
            selectinload(Acceptance.experts).joinedload(AcceptanceExpert.reviewer),
        )
    )
    return session.scalars(query.order_by(Acceptance.examined_at)).unique().all()


def candidates(session: Session, acceptance: Acceptance, now: datetime) -> Sequence[Reviewer]:
    """Experts of the pool without a conflict with the challenge, who can be named."""
    barred = conflicts.excluded(session, acceptance.project.challenge_id)
    left = {one.reviewer_id for one in acceptance.experts}
    query = (
        pool.available_at(now)
        .where(Reviewer.id.not_in([*barred, *left]))
        .options(joinedload(Reviewer.person))
        .order_by(Person.name, Reviewer.id)
        .limit(EXPERTS_OFFERED)
    )
    return session.scalars(query).all()


def acceptance_of_line(session: Session, line_id: UUID) -> UUID | None:
    """The acceptance to which a line of the account belongs."""
    return session.scalar(select(StatementLine.acceptance_id).where(StatementLine.id == line_id))


def to_remind(session: Session, now: datetime) -> Sequence[UUID]:
    """Second examinations whose date comes near, and of which nobody was reminded."""
    query = select(Acceptance.id).where(
        Acceptance.state == AcceptanceState.REWORK,
        Acceptance.reminded_at.is_(None),
        Acceptance.again_by <= now + SOON,
    )
    return session.scalars(query.order_by(Acceptance.again_by)).all()
