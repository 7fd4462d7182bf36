"""What team and officers have to do in projects."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.core.access import BIDDERS, OFFICERS, Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects import course, policy
from portal.projects.course import Step
from portal.projects.milestones.models import Milestone
from portal.projects.milestones.rules import SOON, TO_REPORT, MilestoneState, is_late
from portal.projects.models import Project

OFFICE = {
    Step.PAY: (N_("Pay the tranche of “%(title)s” that is due"), "funds.money"),
    Step.MEASURE: (
        N_("Record what the indicators of “%(title)s” measured"),
        "acceptance.indicators",
    ),
    Step.IMPROVE: (N_("Measure “%(title)s” again after improvement"), "acceptance.indicators"),
    Step.ACCEPT: (N_("Accept the project “%(title)s”"), "acceptance.shown"),
}


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Milestones to report or examine, tranches to pay, indicators to measure, acceptance."""
    if not actor.has(*OFFICERS, *BIDDERS):
        return []
    items: list[Todo] = []
    for project in course.waiting(session, actor):
        if policy.may_report(actor, project):
            items += _of_lead(project, now)
        if policy.may_manage(actor, project):
            items += _of_office(project)
    return items


def _first(project: Project, *states: MilestoneState) -> Milestone | None:
    return next((one for one in project.milestones if one.state in states), None)


def _of_lead(project: Project, now: datetime) -> list[Todo]:
    milestone = _first(project, *TO_REPORT)
    if milestone is None or Step.REPORT not in course.steps_of(project):
        return []
    due = milestone.wanted_by
    late = is_late(milestone.state, due, now)
    tone = "late" if late else "waiting" if due - now < SOON else "active"
    text = N_("Report the milestone “%(milestone)s” of “%(title)s”")
    return [_milestone_item(project, milestone, text, due, tone)]


def _of_office(project: Project) -> list[Todo]:
    items = []
    facts: dict[str, object] = {"title": project.title}
    for step in course.steps_of(project):
        reported = _first(project, MilestoneState.REPORTED)
        if step is Step.DECIDE and reported is not None:
            text = N_("Examine the milestone “%(milestone)s” of “%(title)s”")
            items.append(_milestone_item(project, reported, text, None, "active"))
        elif step is Step.FAILED and (failed := _first(project, MilestoneState.FAILED)):
            text = N_("Decide how “%(title)s” goes on without “%(milestone)s”")
            items.append(_milestone_item(project, failed, text, None, "late"))
        elif step in OFFICE:
            text, endpoint = OFFICE[step]
            items.append(Todo(Message(text, facts), endpoint, {"code": project.code}))
    return items


def _milestone_item(
    project: Project, milestone: Milestone, text: str, due: datetime | None, tone: str
) -> Todo:
    values: dict[str, Any] = {"milestone_id": milestone.id}
    facts: dict[str, object] = {"title": project.title, "milestone": milestone.title}
    return Todo(Message(text, facts), "milestones.report", values, due, tone)
