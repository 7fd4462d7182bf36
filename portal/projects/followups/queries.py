"""Reads about yearly reports."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.projects import policy
from portal.projects.followups.models import FollowUp, FollowUpReport
from portal.projects.followups.rules import NOTHING, SOON, Figures
from portal.projects.models import Project
from portal.projects.queries import lock, of_actor

MOST = 50
"""Late or near reports on one desk."""


def lock_follow_up(session: Session, follow_up_id: UUID) -> tuple[Project, FollowUp]:
    """A year with its project, which is locked. Raises NotFound."""
    project_id = session.scalar(select(FollowUp.project_id).where(FollowUp.id == follow_up_id))
    if project_id is None:
        raise NotFound
    project = lock(session, project_id)
    found = session.get_one(FollowUp, follow_up_id, populate_existing=True)
    return project, found


def visible_to(session: Session, actor: Actor, follow_up_id: UUID) -> FollowUp | None:
    """A year with its reports, for those who see the project."""
    found = session.get(
        FollowUp,
        follow_up_id,
        options=[joinedload(FollowUp.project), selectinload(FollowUp.reports)],
    )
    return found if found and policy.may_see(actor, found.project) else None


def of_project(session: Session, project_id: UUID) -> Sequence[FollowUp]:
    """The years of a project with their reports."""
    query = select(FollowUp).where(FollowUp.project_id == project_id).order_by(FollowUp.year)
    return session.scalars(query.options(selectinload(FollowUp.reports))).all()


def to_remind(session: Session, now: datetime) -> Sequence[UUID]:
    """Years whose report is near or late, and of which nobody was told."""
    near = (FollowUp.due_at <= now + SOON) & FollowUp.reminded_at.is_(None)
    late = (FollowUp.due_at < now) & FollowUp.warned_at.is_(None)
    query = select(FollowUp.id).where(FollowUp.reported_at.is_(None), or_(near, late))
    return session.scalars(query.order_by(FollowUp.due_at).limit(MOST)).all()


def open_for(session: Session, actor: Actor, now: datetime) -> Sequence[FollowUp]:
    """Reports of one's own projects that are near or late, the earliest first."""
    query = (
        select(FollowUp)
        .join(Project, Project.id == FollowUp.project_id)
        .where(of_actor(actor), FollowUp.reported_at.is_(None), FollowUp.due_at <= now + SOON)
        .options(joinedload(FollowUp.project).joinedload(Project.challenge))
    )
    return session.scalars(query.order_by(FollowUp.due_at, FollowUp.id).limit(MOST)).all()


def added_up(session: Session) -> tuple[int, Figures]:
    """How many projects have reported, and what all of them brought; of each year the last report."""
    last = (
        select(FollowUpReport.follow_up_id, func.max(FollowUpReport.number).label("number"))
        .group_by(FollowUpReport.follow_up_id)
        .subquery()
    )
    row = session.execute(
        select(
            func.count(FollowUp.project_id.distinct()),
            *(func.sum(getattr(FollowUpReport, name)) for name in vars(NOTHING)),
        )
        .join(FollowUp, FollowUp.id == FollowUpReport.follow_up_id)
        .join(
            last,
            (last.c.follow_up_id == FollowUpReport.follow_up_id)
            & (last.c.number == FollowUpReport.number),
        )
    ).one()
    projects, revenue, investment, *counts = row
    if not projects:
        return 0, NOTHING
    patents, jobs, sites = (int(count) for count in counts)
    return projects, Figures(Decimal(revenue), Decimal(investment), patents, jobs, sites)
