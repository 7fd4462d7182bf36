"""What an acceptance asks of the lead, of experts, and, where a date has passed, of the office."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects import policy
from portal.projects.acceptance import queries
from portal.projects.acceptance.policy import seat_of
from portal.projects.acceptance.rules import Standing
from portal.projects.models import Project
from portal.projects.rules import ProjectState

REQUEST = N_("Request the acceptance of “%(title)s”")
MISSING = N_("Add what is missing to the request for acceptance of “%(title)s”")
AGAIN = N_("Improve “%(title)s” and request its second examination")
OVER = N_("“%(title)s” was not examined a second time by its date: say what follows")


def of_project(actor: Actor, project: Project, now: datetime) -> list[Todo]:
    """What the lead has to hand in until the project's end, or its second date; and what the office
    has to conclude when nothing came by that."""
    ready = queries.readiness_of(project)
    if project.state is not ProjectState.ACTIVE or ready.milestones_left:
        return []
    last = project.acceptance
    standing = last.standing if last else Standing.NONE
    again_by = last.again_by if last and standing is Standing.REWORK else None
    due = again_by or project.ends_at
    late = due < now
    lapsed = late and again_by is not None
    asked = {Standing.NONE: REQUEST, Standing.RETURNED: MISSING, Standing.REWORK: AGAIN}
    if lapsed and policy.may_manage(actor, project):
        text, endpoint = OVER, "acceptance.shown"
    elif not lapsed and standing in asked and policy.may_report(actor, project):
        text, endpoint = asked[standing], "acceptance.ask"
    else:
        return []
    told, tone = Message(text, {"title": project.title}), "late" if late else "active"
    return [Todo(told, endpoint, {"code": project.code}, due, tone)]


def for_experts(session: Session, actor: Actor) -> list[Todo]:
    """What an expert has to examine, and a chair to write."""
    found = []
    for acceptance in queries.waiting_for_expert(session, actor):
        seat, title = seat_of(actor, acceptance), {"title": acceptance.project.title}
        joint = acceptance.standing is Standing.JOINT
        if seat is None or acceptance.joint is not None or not (joint or seat.opinion is None):
            continue
        if joint and not seat.is_chair:
            continue
        text = N_("Examine “%(title)s” for its acceptance")
        if joint:
            text = N_("Write the joint opinion on “%(title)s”")
        values = {"acceptance_id": acceptance.id}
        found.append(Todo(Message(text, dict(title)), "acceptance.examined", values))
    return found
