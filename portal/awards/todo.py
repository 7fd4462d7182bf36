"""What officers have to do between the ranking and the award."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.awards import queries
from portal.awards.models import Notice
from portal.awards.rules import Next
from portal.core.access import Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message

WORDS = {
    Next.PUBLISH: (N_("Publish the notice on “%(title)s”"), "active"),
    Next.ANSWER: (N_("Answer the objection to the notice on “%(title)s”"), "late"),
    Next.WITHDRAW: (N_("Withdraw the notice on “%(title)s” and decide again"), "late"),
    Next.CONFIRM: (N_("Confirm the award of “%(title)s”"), "active"),
}


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Decisions to take, notices to publish, objections to answer, awards to confirm."""
    if not actor.is_officer:
        return []
    decide = N_("Decide on the ranking of “%(title)s”")
    items = [
        Todo(
            Message(decide, {"title": challenge.title}),
            "awards.decision",
            {"code": challenge.code},
        )
        for challenge in queries.undecided(session, actor)
    ]
    notices = queries.under_way(session, actor)
    return items + [item for notice in notices if (item := _item(notice, now)) is not None]


def _item(notice: Notice, now: datetime) -> Todo | None:
    words = WORDS.get(queries.next_step(notice, now))
    if words is None:
        return None
    text, tone = words
    return Todo(
        Message(text, {"title": notice.challenge.title}),
        "awards.decision",
        {"code": notice.challenge.code},
        tone=tone,
    )
