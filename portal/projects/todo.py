"""What team and officers have to do in projects."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.core.access import BIDDERS, OFFICERS, Actor, Role
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects import course, policy
from portal.projects.acceptance import todo as acceptance_todo
from portal.projects.course import Step
from portal.projects.followups import todo as followups_todo
from portal.projects.funds import queries as fund_queries
from portal.projects.milestones import queries as milestone_queries
from portal.projects.milestones.models import Milestone
from portal.projects.milestones.rules import SOON, TO_REPORT, MilestoneState, is_late
from portal.projects.models import Project

OFFICE = {
    Step.PAY: (N_("Pay the tranche of “%(title)s” that is due"), "funds.money"),
    Step.MEASURE: (
        N_("Record what the indicators of “%(title)s” measured"),
        "acceptance.indicators",
    ),
    Step.CHECK: (
        N_("Look whether the request for acceptance of “%(title)s” is complete"),
        "acceptance.shown",
    ),
    Step.NAME: (N_("Name the experts of the acceptance of “%(title)s”"), "acceptance.shown"),
    Step.ACCEPT: (N_("Conclude the acceptance of “%(title)s”"), "acceptance.shown"),
}


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Opinions, milestones, tranches, own money, indicators and acceptance that wait for one."""
    items = _opinions(session, actor, now) if actor.has(Role.REVIEWER) else []
    if actor.has(Role.REVIEWER):
        items += acceptance_todo.for_experts(session, actor)
    if not actor.has(*OFFICERS, *BIDDERS):
        return items
    projects = course.waiting(session, actor)
    unconfirmed = fund_queries.with_unconfirmed(session, (project.id for project in projects))
    for project in projects:
        if policy.may_report(actor, project):
            items += _of_lead(project, now)
        if policy.may_manage(actor, project):
            items += _of_office(project, now)
            items += _own_money(project) if project.id in unconfirmed else []
        items += acceptance_todo.of_project(actor, project, now)
    return [*items, *followups_todo.open_items(session, actor, now)]


def _opinions(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """What an expert was asked about milestones."""
    text = N_("Give your opinion on the milestone “%(milestone)s” of “%(title)s”")
    return [
        Todo(
            Message(text, {"title": one.milestone.project.title, "milestone": one.milestone.title}),
            "milestones.opinion",
            {"opinion_id": one.id},
            one.due_at,
            "late" if one.due_at < now else "active",
        )
        for one in milestone_queries.awaited_opinions(session, actor.user_id)
    ]


def _own_money(project: Project) -> list[Todo]:
    """Own money that waits to be confirmed."""
    text = N_("Confirm the own money of “%(title)s” that was recorded")
    return [Todo(Message(text, {"title": project.title}), "funds.money", {"code": project.code})]


def _first(project: Project, *states: MilestoneState) -> Milestone | None:
    return next((one for one in project.milestones if one.state in states), None)


def _of_lead(project: Project, now: datetime) -> list[Todo]:
    milestone = _first(project, *TO_REPORT)
    if milestone is None or Step.REPORT not in course.steps_of(project, now):
        return []
    due = milestone.wanted_by
    late = is_late(milestone.state, due, now)
    tone = "late" if late else "waiting" if due - now < SOON else "active"
    text = N_("Report the milestone “%(milestone)s” of “%(title)s”")
    return [_milestone_item(project, milestone, text, due, tone)]


def _of_office(project: Project, now: datetime) -> list[Todo]:
    items = []
    facts: dict[str, object] = {"title": project.title}
    for step in course.steps_of(project, now):
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
