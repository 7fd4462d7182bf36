"""Questions for tests."""

from typing import Any

from portal.challenges.models import Challenge
from portal.challenges.questions.models import Question
from portal.challenges.questions.rules import QuestionState
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from tests.factories.accounts import make_person
from tests.factories.challenges import make_challenge


def make_question(
    challenge: Challenge | None = None, number: int | None = None, **facts: Any
) -> Question:
    """A question that waits, or one that was answered under a number."""
    home = challenge or make_challenge(published=True)
    now = clock.now(db.session)
    values: dict[str, Any] = {
        "asked_by": facts.pop("asked_by", None) or make_person(Role.BIDDER_LEAD).id,
        "asked_at": now,
        "text": "示范场景是否可以分期验收?",
    }
    if number is not None:
        values |= {
            "state": QuestionState.ANSWERED,
            "number": number,
            "wording": "核心器件是否必须全部国产?",
            "answer": "占比不低于百分之八十即可。",
            "answered_at": now,
        }
    question = Question(challenge=home, **{**values, **facts})
    db.session.add(question)
    db.session.flush()
    return question
