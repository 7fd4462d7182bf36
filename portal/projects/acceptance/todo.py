"""What an acceptance asks of the lead, of experts, and, where a date has passed, of the office."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects import policy
from portal.projects.acceptance import queries
from portal.projects.acceptance.policy import seat_of
from portal.projects.acceptance.rules import AcceptanceState, Standing
from portal.projects.models import Project
from portal.projects.rules import ProjectState

REQUEST = N_("Request the acceptance of “%(title)s”")
MISSING = N_("Add what is missing to the request for acceptance of “%(title)s”")
AGAIN = N_("Improve “%(title)s” and request its second examination")
OVER = N_("“%(title)s” was not examined a second time by its date: say what follows")


def of_project(actor: Actor, project: Project, now: datetime) -> list[Todo]:
    """What the lead has to hand in, and the office to conclude when nothing came in time."""
    ready = queries.readiness_of(project)
    if project.state is not ProjectState.ACTIVE or ready.milestones_left:
        return []
    last, title = project.acceptance, {"title": project.title}
    again_by = last.again_by if last and last.state is AcceptanceState.REWORK else None
    late = again_by is not None and again_by < now
    found = []
    if late and policy.may_manage(actor, project):
        found.append((OVER, "acceptance.shown"))
    elif not late and policy.may_report(actor, project):
        standing = last.standing if last else Standing.NONE
        asked = {Standing.NONE: REQUEST, Standing.RETURNED: MISSING, Standing.REWORK: AGAIN}
        if standing in asked:
            found.append((asked[standing], "acceptance.ask"))
    tone = "late" if late else "active"
    return [
        Todo(Message(text, dict(title)), endpoint, {"code": project.code}, again_by, tone)
        for text, endpoint in found
    ]


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
