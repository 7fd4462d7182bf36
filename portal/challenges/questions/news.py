"""What people are told of an answer; a text that gives nobody away."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.challenges.questions.models import Question
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify

YOURS = N_("Your question on “%(title)s” is answered: no. %(number)s.")
OTHERS = N_("A question on “%(title)s” is answered: no. %(number)s.")


def answered(
    session: Session, question: Question, askers: Iterable[UUID], others: Iterable[UUID] = ()
) -> None:
    """Whoever asked learns that it was theirs; everybody is told once."""
    challenge = question.challenge
    facts: dict[str, object] = {"title": both(challenge), "number": question.number}
    key, where = f"question:{question.id}", f"/challenges/{challenge.code}/questions"
    notify(session, askers, key, Message(YOURS, facts), where)
    notify(session, others, key, Message(OTHERS, facts), where)
