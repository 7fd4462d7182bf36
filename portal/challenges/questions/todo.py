"""Questions that officers have still to answer."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.questions import queries
from portal.challenges.questions.rules import answer_due
from portal.core.access import Actor
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """One item a challenge, due with its oldest question."""
    items = []
    for row in queries.waiting(session, actor):
        text = N_("Answer questions on “%(title)s”: %(count)s")
        facts: dict[str, object] = {"title": both(row.challenge), "count": row.count}
        due = answer_due(row.since, row.challenge.closes_at)
        tone = "late" if now >= due else "waiting"
        code = {"code": row.challenge.code}
        items.append(Todo(Message(text, facts), "questions.desk", code, due=due, tone=tone))
    return items
