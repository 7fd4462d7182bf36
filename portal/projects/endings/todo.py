"""Money to pay back, and money to see come."""

from datetime import datetime, time

from sqlalchemy.orm import Session

from portal.core.access import BIDDERS, OFFICERS, Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects.endings import queries, rules
from portal.projects.endings.models import ClawBack
from portal.projects.models import Project


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Claims of which something is still to come, for the lead and the office; failures to settle."""
    if not actor.has(*OFFICERS, *BIDDERS):
        return []
    found = (_item(actor, claim, now) for claim in queries.open_claims(session, actor))
    claims = [item for item in found if item is not None]
    failed = queries.to_settle(session, actor) if actor.has(*OFFICERS) else []
    return [*claims, *(_settling(one) for one in failed if policy.may_manage(actor, one))]


def _settling(project: Project) -> Todo:
    text = N_("Say what is claimed back of “%(title)s”, whose acceptance has failed")
    told = Message(text, {"title": project.title})
    return Todo(told, "endings.shown", {"code": project.code})


def _item(actor: Actor, claim: ClawBack, now: datetime) -> Todo | None:
    project = claim.ending.project
    late = rules.is_late(claim.state, claim.due_on, now.astimezone(PLACE).date())
    if policy.may_report(actor, project):
        text = N_("Pay back what is claimed of “%(title)s”")
    elif late and policy.may_manage(actor, project):
        text = N_("Claim back what is overdue of “%(title)s”")
    else:
        return None
    facts: dict[str, object] = {"title": project.title}
    due = datetime.combine(claim.due_on, time(23, 59), PLACE)
    tone = "late" if late else "waiting"
    return Todo(Message(text, facts), "endings.shown", {"code": project.code}, due, tone)
