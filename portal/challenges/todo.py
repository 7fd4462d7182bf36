"""What officers have to do about their challenges, and whoever is asked about needs."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges import queries
from portal.challenges.keys import todo as keys_todo
from portal.challenges.needs import todo as needs_todo
from portal.challenges.questions import todo as questions_todo
from portal.core.access import Actor
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Drafts, what a colleague has proposed, questions to answer, needs, and opening keys."""
    needs = needs_todo.open_items(session, actor, now)
    needs += keys_todo.open_items(session, actor, now)
    if not actor.is_officer:
        return needs
    questions = questions_todo.open_items(session, actor, now)
    return [*_waiting(session, actor), *_drafts(session, actor), *questions, *needs]


def _drafts(session: Session, actor: Actor) -> list[Todo]:
    return [
        Todo(
            Message(N_("Finish and propose “%(title)s”"), {"title": both(challenge)}),
            "editor.overview",
            {"challenge_id": challenge.id},
            due=challenge.closes_at,
            tone="waiting",
        )
        for challenge in queries.drafts(session, actor)
    ]


def _waiting(session: Session, actor: Actor) -> list[Todo]:
    return [
        Todo(
            Message(N_("Read and decide on “%(title)s”"), {"title": both(challenge)}),
            "approvals.page",
            {"challenge_id": challenge.id},
            due=challenge.closes_at,
            tone="waiting",
        )
        for challenge in queries.waiting(session, actor)
    ]
