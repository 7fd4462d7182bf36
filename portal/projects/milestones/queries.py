"""Reads about milestones and what proves them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session, joinedload

from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.projects import policy
from portal.projects.milestones import policy as own_policy
from portal.projects.milestones.models import (
    Milestone,
    MilestoneEvidence,
    MilestoneOpinion,
    MilestoneValue,
    SiteVisit,
    VisitPhotograph,
)
from portal.projects.milestones.rules import MilestoneState, OpinionState
from portal.projects.models import ContractIndicator, Project
from portal.projects.queries import lock, visible_by_code
from portal.reviews.pool.models import Reviewer


def lock_by_milestone(session: Session, milestone_id: UUID) -> tuple[Project, Milestone]:
    """A milestone with its project, which is locked. Raises NotFound."""
    project_id = session.scalar(select(Milestone.project_id).where(Milestone.id == milestone_id))
    if project_id is None:
        raise NotFound
    project = lock(session, project_id)
    return project, next(m for m in project.milestones if m.id == milestone_id)


def states_before(project: Project, milestone: Milestone) -> list[MilestoneState]:
    """The states of the milestones before one."""
    return [one.state for one in project.milestones if one.position < milestone.position]


def milestone_visible_to(session: Session, actor: Actor, milestone_id: UUID) -> Milestone | None:
    """A milestone, for those who may see its project."""
    found = session.get(Milestone, milestone_id)
    if found is None or visible_by_code(session, actor, found.project.code) is None:
        return None
    return found


def lock_by_opinion(session: Session, opinion_id: UUID) -> tuple[Project, MilestoneOpinion]:
    """An opinion with its project, which is locked. Raises NotFound."""
    found = session.get(MilestoneOpinion, opinion_id)
    if found is None:
        raise NotFound
    project, _ = lock_by_milestone(session, found.milestone_id)
    session.refresh(found)
    return project, found


def opinion_readable_by(
    session: Session, actor: Actor, opinion_id: UUID
) -> MilestoneOpinion | None:
    """An opinion with its milestone, for the expert who was asked."""
    found = session.get(MilestoneOpinion, opinion_id)
    return found if found and own_policy.may_read(actor, found) else None


def awaited_opinions(session: Session, person_id: UUID) -> Sequence[MilestoneOpinion]:
    """The opinions that an expert still owes, the most pressing first."""
    query = (
        select(MilestoneOpinion)
        .join(Reviewer)
        .where(
            Reviewer.person_id == person_id,
            MilestoneOpinion.state == OpinionState.ASKED,
        )
        .options(joinedload(MilestoneOpinion.milestone).joinedload(Milestone.project))
    )
    return session.scalars(query.order_by(MilestoneOpinion.due_at).limit(20)).all()


def evidence_visible_to(session: Session, actor: Actor, file_id: UUID) -> StoredFile | None:
    """A file that proves something in a project, for those who may see it: its readers, and experts
    whose opinion on the milestone is asked."""
    for milestone in _with_file(session, file_id):
        asked = any(own_policy.may_read(actor, one) for one in milestone.opinions)
        if asked or policy.may_see(actor, milestone.project):
            return session.get(StoredFile, file_id)
    measured = (
        select(Project).join(ContractIndicator).where(ContractIndicator.evidence_id == file_id)
    )
    project = session.scalars(measured.limit(1)).one_or_none()
    if project is not None and policy.may_see(actor, project):
        return session.get(StoredFile, file_id)
    return None


def _with_file(session: Session, file_id: UUID) -> Sequence[Milestone]:
    """The milestones whose report, values or visits have the file."""
    homes = union(
        select(MilestoneEvidence.milestone_id).where(MilestoneEvidence.file_id == file_id),
        select(MilestoneValue.milestone_id).where(MilestoneValue.file_id == file_id),
        select(SiteVisit.milestone_id)
        .join(VisitPhotograph)
        .where(VisitPhotograph.file_id == file_id),
    )
    return session.scalars(select(Milestone).where(Milestone.id.in_(homes))).all()
