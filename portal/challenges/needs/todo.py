"""What officers have to sort and experts have to say about needs."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.needs import queries
from portal.core.access import Actor, Role
from portal.core.todo import Todo
from portal.core.words import N_, Message


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Needs that wait to be sorted, and opinions that are awaited."""
    items: list[Todo] = []
    if actor.is_officer:
        items += _unsorted(session, actor)
    if actor.has(Role.REVIEWER):
        items += _awaited(session, actor, now)
    return items


def _unsorted(session: Session, actor: Actor) -> list[Todo]:
    count = queries.unsorted(session, actor)
    if not count:
        return []
    text = Message(N_("Sort the needs that were handed in: %(count)s"), {"count": count})
    return [Todo(text, "needs.board", {"state": "handed_in"})]


def _awaited(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    text = N_("Give your opinion on the need “%(title)s”")
    return [
        Todo(
            Message(text, {"title": opinion.need.title}),
            "needs.shown",
            {"need_id": opinion.need_id},
            due=opinion.answer_by,
            tone="late" if now >= opinion.answer_by else "waiting",
        )
        for opinion in queries.awaited(session, actor)
    ]
