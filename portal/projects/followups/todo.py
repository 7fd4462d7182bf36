"""Yearly reports that are near or late: for the lead to write, for the office to ask for."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects import policy
from portal.projects.followups import queries


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """What the lead has to report, and which late report the office waits for."""
    found = []
    for year in queries.open_for(session, actor, now):
        late = year.due_at < now
        if policy.may_report(actor, year.project):
            text = N_("Report year %(year)s after acceptance of “%(title)s”")
        elif late and policy.may_manage(actor, year.project):
            text = N_("The report on year %(year)s after acceptance of “%(title)s” is late")
        else:
            continue
        facts: dict[str, object] = {"title": year.project.title, "year": year.year}
        tone = "late" if late else "waiting"
        values = {"follow_up_id": year.id}
        found.append(Todo(Message(text, facts), "followups.year", values, year.due_at, tone))
    return found
