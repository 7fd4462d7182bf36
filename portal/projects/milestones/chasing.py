"""What the clock says about milestones: near, late, or waiting to be examined; each once.

A reminder is a row, unique for its milestone, kind and date, written with its news under the
project's lock: however many beats and workers there are, it is sent once.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core.access import SYSTEM
from portal.core.db import transaction
from portal.core.words import N_
from portal.projects.milestones import queries, rules
from portal.projects.milestones.models import Milestone, MilestoneReminder
from portal.projects.milestones.rules import (
    EXAMINE_WITHIN,
    SOON,
    TO_REPORT,
    MilestoneState,
    ReminderKind,
)
from portal.projects.models import Project
from portal.projects.news import tell
from portal.projects.rules import ProjectState

WORDS = {
    ReminderKind.SOON: N_("The milestone “%(milestone)s” of “%(title)s” is due soon."),
    ReminderKind.LATE: N_("The milestone “%(milestone)s” of “%(title)s” is overdue."),
    ReminderKind.EXAMINE: N_("The report on “%(milestone)s” of “%(title)s” waits to be examined."),
}


def due(session: Session, now: datetime) -> list[UUID]:
    """Milestones about which something has to be said now; nothing is locked."""
    near = or_(Milestone.due_at <= now + SOON, Milestone.rework_until <= now + SOON)
    waits = Milestone.reported_at <= now - EXAMINE_WITHIN
    query = (
        select(Milestone)
        .join(Project)
        .where(
            Project.state == ProjectState.ACTIVE,
            or_(
                and_(Milestone.state.in_(TO_REPORT), near),
                and_(Milestone.state == MilestoneState.REPORTED, waits),
            ),
        )
        .options(selectinload(Milestone.reminders))
        .order_by(Milestone.id)
    )
    return [row.id for row in session.scalars(query) if _wanted(row, now)]


def _wanted(milestone: Milestone, now: datetime) -> ReminderKind | None:
    """What is to be said and was not; of what the team has to do, only the next milestone's."""
    kind = rules.reminder(milestone.state, milestone.wanted_by, milestone.reported_at, now)
    said = {(row.kind, row.due_at) for row in milestone.reminders}
    return kind if kind and (kind, _date(milestone, kind)) not in said else None


def _date(milestone: Milestone, kind: ReminderKind) -> datetime:
    """The date that a reminder is about."""
    if kind is ReminderKind.EXAMINE and milestone.reported_at:
        return milestone.reported_at
    return milestone.wanted_by


def remind(milestone_id: UUID, now: datetime) -> None:
    """Say what is to be said about a milestone; a second run says nothing."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        kind = _wanted(milestone, now)
        if kind is None or project.state is not ProjectState.ACTIVE:
            return
        about = _date(milestone, kind)
        milestone.reminders.append(MilestoneReminder(kind=kind, due_at=about, at=now))
        facts = {"kind": kind.value, "due": about}
        audit.record(
            session, SYSTEM, Action.MILESTONE_REMINDED, milestone.subject_ref, now, **facts
        )
        people: list[UUID] = []
        if kind is not ReminderKind.EXAMINE:
            people += bid_queries.team_people(session, project.bid)
        if kind is not ReminderKind.SOON:
            people += challenge_queries.managers(session, project.challenge)
        news = f"{kind.value}:{milestone.id}:{about.isoformat()}"
        tell(session, people, project, news, WORDS[kind], milestone=milestone.title)
