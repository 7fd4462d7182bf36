"""Reads about milestones and what proves them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.projects import policy
from portal.projects.milestones.models import Milestone, MilestoneEvidence
from portal.projects.milestones.rules import MilestoneState
from portal.projects.models import ContractIndicator, Project
from portal.projects.queries import lock, visible_by_code


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
