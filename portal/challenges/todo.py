"""What officers have to do about their challenges."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges import queries
from portal.core.access import Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Drafts to finish and publish."""
    if not actor.is_officer:
        return []
    return [
        Todo(
            Message(N_("Finish and publish “%(title)s”"), {"title": challenge.title}),
            "challenges.edit",
            {"challenge_id": challenge.id},
            due=challenge.closes_at,
            tone="waiting",
        )
        for challenge in queries.drafts(session, actor)
    ]
