"""A challenge's page leads to its questions and answers, and its officers to what waits."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.challenges.questions import policy
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """The public page of answers, and the officers' own."""
    if challenge.published_at is None:
        return
    yield Way(N_("Questions and answers"), "questions.listed", {"code": challenge.code})
    if actor is not None and policy.may_answer(actor, challenge):
        yield Way(N_("Answer questions"), "questions.desk", {"code": challenge.code})
