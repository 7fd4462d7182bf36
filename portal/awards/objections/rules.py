"""The life of an objection (异议): who may examine it, until when, and what follows if it is upheld."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from portal.core.errors import Invalid, check
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import DayUnit, window_end

TEXT_LENGTH = 20
"""An objection, its refusal and its answer say at least this much, in characters."""
FORM_DAYS = 3
"""Working days in which an objection is looked at for its form."""
ANSWER_DAYS = 10
"""Working days for the examination, unless the officer gives others."""
ANSWER_DAYS_MOST = 60
SOON = timedelta(days=2)
"""So long before its date the examiner is reminded."""


class ObjectionState(Worded):
    """Where an objection stands."""

    RECEIVED = "received", N_("Received, to be looked at")
    REFUSED = "refused", N_("Refused for its form")
    EXAMINING = "examining", N_("Being examined")
    UPHELD = "upheld", N_("Upheld")
    DISMISSED = "dismissed", N_("Dismissed")


OPEN = frozenset({ObjectionState.RECEIVED, ObjectionState.EXAMINING})
"""While one is in these the award cannot stand."""
ANSWERED = frozenset({ObjectionState.UPHELD, ObjectionState.DISMISSED})

_O = ObjectionState
_OFFICER = N_("officer of the issuing body")
_EXAMINER = N_("the examiner, who is not involved")
OBJECTION_MOVES = Moves(
    "objection",
    _O.RECEIVED,
    Move(_O.RECEIVED, "accept", _O.EXAMINING, _OFFICER, N_("an examiner and a date are named")),
    Move(_O.RECEIVED, "refuse", _O.REFUSED, _OFFICER, N_("for its form, with the reason")),
    Move(_O.EXAMINING, "hand_over", _O.EXAMINING, _OFFICER, N_("to another examiner")),
    Move(_O.EXAMINING, "uphold", _O.UPHELD, _EXAMINER, N_("with an answer and its effect")),
    Move(_O.EXAMINING, "dismiss", _O.DISMISSED, _EXAMINER, N_("with an answer")),
)


class Effect(Worded):
    """What an upheld objection leads to; the notice is withdrawn in each case."""

    RECHECK = "recheck", N_("The bid is formally checked again")
    REREVIEW = "rereview", N_("Other experts review the bids again")
    REPLACE = "replace", N_("The bid is left out; the next in order steps in")
    WITHDRAW = "withdraw", N_("The notice is withdrawn and the decision taken again")


ABOUT_A_BID = frozenset({Effect.RECHECK, Effect.REPLACE})
"""Effects that say which bid."""


class Involvement(Worded):
    """Why somebody does not examine an objection."""

    DECIDED = "decided", N_("This person took the decision that the objection is about.")
    CHECKED = "checked", N_("This person formally checked a bid of this challenge.")
    REVIEWED = "reviewed", N_("This person reviewed the bids.")
    TEAM = "team", N_("This person belongs to a team of this challenge.")
    OBJECTED = "objected", N_("This person raised the objection.")


def due_at(accepted_at: datetime, days: int) -> datetime:
    """Until when it is answered: so many full working days after the day of its acceptance."""
    return window_end(accepted_at, days, DayUnit.WORKING)


def form_due_at(raised_at: datetime) -> datetime:
    """Until when it is looked at for its form."""
    return window_end(raised_at, FORM_DAYS, DayUnit.WORKING)


def is_late(
    state: ObjectionState, raised_at: datetime, due: datetime | None, now: datetime
) -> bool:
    """Whether an objection waits longer than it may."""
    if state is _O.RECEIVED:
        return now >= form_due_at(raised_at)
    return state is _O.EXAMINING and due is not None and now >= due


def require_text(field: str, text: str) -> None:
    """Raise Invalid unless the text says something."""
    if len(text.strip()) < TEXT_LENGTH:
        raise Invalid(field, "At least %(min)d characters, please.", min=TEXT_LENGTH)


def require_first(own: Sequence[ObjectionState]) -> None:
    """Raise Invalid while one's earlier objection waits for its answer."""
    if OPEN & set(own):
        raise Invalid("text", "You have raised an objection that is not answered yet.")


def check_answer(
    upheld: bool, effect: Effect | None, bid_id: UUID | None, named: Sequence[UUID], *texts: str
) -> None:
    """Raise InvalidInput unless answer and summary say something and the effect is whole."""
    answer, summary = texts
    check(
        _short("answer", answer),
        _short("summary", summary),
        Invalid("effect", "Please say what follows.") if upheld and effect is None else None,
        Invalid("bid_id", "Please say which bid this is about.")
        if upheld and effect in ABOUT_A_BID and bid_id not in named
        else None,
    )


def _short(field: str, text: str) -> Invalid | None:
    if len(text.strip()) >= TEXT_LENGTH:
        return None
    return Invalid(field, "At least %(min)d characters, please.", min=TEXT_LENGTH)
