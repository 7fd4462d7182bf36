"""The life of a notice and of an objection, and what makes a decision fair."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, TooEarly, check
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE

REASON_LENGTH = 20
"""A reason, an objection and an answer say at least this much, in characters."""


class NoticeState(Worded):
    """Where a notice (公示) stands; whether its window is over is a comparison with the clock."""

    DECIDED = "decided", N_("Decided, not yet published")
    PUBLISHED = "published", N_("Published")
    CONFIRMED = "confirmed", N_("Award confirmed")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


_OFFICER = N_("officer of the issuing body")
_N = NoticeState
NOTICE_MOVES = Moves(
    "notice",
    _N.DECIDED,
    Move(_N.DECIDED, "publish", _N.PUBLISHED, _OFFICER),
    Move(
        _N.PUBLISHED, "confirm", _N.CONFIRMED, _OFFICER, N_("the window is over, no objection open")
    ),
    Move(_N.PUBLISHED, "withdraw", _N.WITHDRAWN, _OFFICER, N_("an objection was upheld")),
)


class ObjectionState(Worded):
    """Where an objection (异议) stands."""

    RAISED = "raised", N_("Waiting for an answer")
    UPHELD = "upheld", N_("Upheld")
    DISMISSED = "dismissed", N_("Dismissed")


_O = ObjectionState
OBJECTION_MOVES = Moves(
    "objection",
    _O.RAISED,
    Move(_O.RAISED, "uphold", _O.UPHELD, _OFFICER, N_("with an answer")),
    Move(_O.RAISED, "dismiss", _O.DISMISSED, _OFFICER, N_("with an answer")),
)


@dataclass(frozen=True)
class Ranked:
    """A bid's place in a ranking, as a decision needs it."""

    bid_id: UUID
    place: int
    passed: bool


def proposed(ranked: Sequence[Ranked], winners: int) -> list[UUID]:
    """Who wins when the order is kept: the first `winners` of those who passed."""
    passed = [row for row in ranked if row.passed]
    return [row.bid_id for row in sorted(passed, key=lambda row: row.place)[:winners]]


def deviates(ranked: Sequence[Ranked], chosen: Sequence[UUID]) -> bool:
    """Whether somebody is chosen before a better placed one; bids of one place are equals."""
    picked = set(chosen)
    last = max((row.place for row in ranked if row.bid_id in picked), default=0)
    return any(row.passed and row.place < last for row in ranked if row.bid_id not in picked)


def check_decision(
    ranked: Sequence[Ranked], chosen: Sequence[UUID], winners: int, meeting: str, reason: str
) -> None:
    """Raise InvalidInput unless the winners, the meeting and the reason make a decision."""
    check(
        _wrong_choice(ranked, chosen, winners),
        None if meeting.strip() else Invalid("meeting", "Please name the meeting and its record."),
        Invalid(
            "deviation_reason",
            "The choice departs from the ranking: give the reason, at least %(min)d characters.",
            min=REASON_LENGTH,
        )
        if deviates(ranked, chosen) and len(reason.strip()) < REASON_LENGTH
        else None,
    )


def _wrong_choice(ranked: Sequence[Ranked], chosen: Sequence[UUID], winners: int) -> Invalid | None:
    passed = {row.bid_id for row in ranked if row.passed}
    if not chosen:
        return Invalid("winners", "Choose at least one bid.")
    if len(set(chosen)) != len(chosen) or not set(chosen) <= passed:
        return Invalid("winners", "Only bids that reached the pass mark can be chosen, once each.")
    if len(chosen) > winners:
        return Invalid(
            "winners", "At most %(most)d can be chosen for this challenge.", most=winners
        )
    return None


def check_said(field: str, text: str) -> None:
    """Raise Invalid unless the text says something."""
    if len(text.strip()) < REASON_LENGTH:
        raise Invalid(field, "At least %(min)d characters, please.", min=REASON_LENGTH)


def window_open(state: NoticeState, window_ends_at: datetime | None, now: datetime) -> bool:
    """Whether objections are taken at `now`; the closing instant itself is late."""
    return state is _N.PUBLISHED and window_ends_at is not None and now < window_ends_at


def require_window(state: NoticeState, window_ends_at: datetime | None, now: datetime) -> None:
    """Raise DeadlinePassed, or IllegalMove, unless objections are taken."""
    if state is not _N.PUBLISHED:
        raise IllegalMove("No objections are taken on this notice.")
    if not window_open(state, window_ends_at, now):
        raise DeadlinePassed("The time for objections is over.")


def require_first(own: Sequence[ObjectionState]) -> None:
    """Raise Invalid while one's earlier objection waits for its answer."""
    if _O.RAISED in own:
        raise Invalid("text", "You have raised an objection that is not answered yet.")


def last_day(window_ends_at: datetime) -> datetime:
    """A moment in the last day of a window that ends with that day."""
    return window_ends_at - timedelta(seconds=1)


def require_confirmable(
    window_ends_at: datetime | None, objections: Sequence[ObjectionState], now: datetime
) -> None:
    """Raise TooEarly in the window, IllegalMove while an objection is open or was upheld."""
    if window_ends_at is None or now < window_ends_at:
        until = (
            window_ends_at.astimezone(PLACE).strftime("%Y-%m-%d %H:%M") if window_ends_at else ""
        )
        raise TooEarly("The time for objections runs until %(until)s.", until=until)
    if _O.RAISED in objections:
        raise IllegalMove("An objection has not been answered.")
    if _O.UPHELD in objections:
        raise IllegalMove("An objection was upheld: withdraw the notice and decide again.")


def require_upheld(objections: Sequence[ObjectionState]) -> None:
    """Raise IllegalMove unless an objection was upheld: a notice is not withdrawn at will."""
    if _O.UPHELD not in objections:
        raise IllegalMove("A notice is withdrawn only when an objection was upheld.")


class Next(Worded):
    """What a notice waits for."""

    PUBLISH = "publish", N_("The notice has to be published.")
    ANSWER = "answer", N_("An objection has to be answered.")
    WITHDRAW = "withdraw", N_("An objection was upheld: the notice has to be withdrawn.")
    WAIT = "wait", N_("The time for objections runs.")
    CONFIRM = "confirm", N_("The time for objections is over: the award can be confirmed.")
    NOTHING = "nothing", N_("Nothing is left to do here.")


def next_step(
    state: NoticeState,
    window_ends_at: datetime | None,
    objections: Sequence[ObjectionState],
    now: datetime,
) -> Next:
    """What comes next for a notice."""
    if state is _N.DECIDED:
        return Next.PUBLISH
    if state is not _N.PUBLISHED:
        return Next.NOTHING
    if _O.RAISED in objections:
        return Next.ANSWER
    if _O.UPHELD in objections:
        return Next.WITHDRAW
    return Next.WAIT if window_open(state, window_ends_at, now) else Next.CONFIRM
