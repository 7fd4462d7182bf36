"""The life of a question, until when one asks, and which questions are alike."""

from datetime import datetime

from portal.challenges.rules import ChallengeState, accepts_bids
from portal.core.errors import Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE, DayUnit, window_end


class QuestionState(Worded):
    """Where a question stands."""

    ASKED = "asked", N_("Waiting for an answer")
    ANSWERED = "answered", N_("Question answered")
    SAME = "same", N_("Answered with another one")
    WITHDRAWN = "withdrawn", N_("Question withdrawn")


_ASKER = N_("whoever asked")
_OFFICER = N_("officer of the issuing body")
_PORTAL = N_("the portal itself")
_S = QuestionState
QUESTION_MOVES = Moves(
    "question",
    _S.ASKED,
    Move(_S.ASKED, "publish", _S.ANSWERED, _OFFICER, N_("with an answer; takes the next number")),
    Move(_S.ASKED, "join", _S.SAME, _OFFICER, N_("the other one waits or is answered")),
    Move(_S.ASKED, "withdraw", _S.WITHDRAWN, _ASKER, N_("before it is answered")),
    Move(_S.SAME, "withdraw", _S.WITHDRAWN, _ASKER, N_("before the other one is answered")),
    Move(_S.SAME, "part", _S.ASKED, _PORTAL, N_("the other one was withdrawn")),
)
TEXT_MINIMUM = 10
ANSWER_DAYS = 3
"""Working days in which an answer is due; no source gives a figure."""
MOST_WAITING = 20
"""So many questions of one person may wait for an answer at a time."""


def takes_questions(
    state: ChallengeState, closes_at: datetime | None, until: datetime | None, now: datetime
) -> bool:
    """Whether questions are taken at `now`. The last instant itself is late."""
    return accepts_bids(state, closes_at, now) and until is not None and now < until


def late(until: datetime | None) -> Invalid:
    """What is said at the form to a question that is not taken any more."""
    if until is None:
        return Invalid("text", N_("This challenge takes no questions."))
    text = N_(
        "Questions were taken until %(when)s (Beijing time); this one can no longer be asked."
    )
    return Invalid("text", text, when=until.astimezone(PLACE).strftime("%Y-%m-%d %H:%M"))


def too_many(waiting: int) -> Invalid | None:
    """Whether a person has asked enough for now."""
    if waiting < MOST_WAITING:
        return None
    return Invalid("text", N_("%(most)s of your questions wait already."), most=MOST_WAITING)


def text_problem(text: str, field: str) -> Invalid | None:
    """What is wrong with a question or an answer."""
    if len(text.strip()) >= TEXT_MINIMUM:
        return None
    return Invalid(field, N_("At least %(min)d characters, please."), min=TEXT_MINIMUM)


def takes_same(state: QuestionState) -> bool:
    """Whether another question can be answered with one in this state."""
    return state in (QuestionState.ASKED, QuestionState.ANSWERED)


def answer_due(asked_at: datetime, closes_at: datetime | None) -> datetime:
    """By when a question should have its answer: some working days, but before the deadline."""
    due = window_end(asked_at, ANSWER_DAYS, DayUnit.WORKING)
    return due if closes_at is None else min(due, closes_at)


def _pairs(text: str) -> set[str]:
    plain = "".join(char for char in text.lower() if char.isalnum())
    return {plain[i : i + 2] for i in range(len(plain) - 1)} or {plain}


def likeness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1: the share of the pairs of neighbouring characters."""
    first, second = _pairs(one), _pairs(other)
    return len(first & second) / len(first | second)
