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


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Claims of which something is still to come, for the lead and the office."""
    if not actor.has(*OFFICERS, *BIDDERS):
        return []
    found = (_item(actor, claim, now) for claim in queries.open_claims(session, actor))
    return [item for item in found if item is not None]


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
