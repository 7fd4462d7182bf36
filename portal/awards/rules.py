"""The life of a notice, and what makes a decision fair."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from uuid import UUID

from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, Overtaken, TooEarly, check
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE, DayUnit, window_end

REASON_LENGTH = 20
"""A reason says at least this much, in characters."""
ACT_DAYS = 3
"""Working days in which a draft is published, and an award confirmed once its window is over."""


class NoticeKind(Worded):
    """What a notice says."""

    AWARD = "award", N_("Bids to be awarded")
    NO_AWARD = "no_award", N_("No award")
    CORRECTION = "correction", N_("Correction")
    WITHDRAWAL = "withdrawal", N_("Withdrawal")


class NoticeState(Worded):
    """Where a notice (公示) stands; whether its window is over is a comparison with the clock."""

    DECIDED = "decided", N_("Decided, not yet published")
    PUBLISHED = "published", N_("Published")
    CLOSED = "closed", N_("Time for objections over")
    CONFIRMED = "confirmed", N_("Award confirmed")
    CORRECTED = "corrected", N_("Replaced by a correction")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
    ANNOUNCED = "announced", N_("Announced")


_OFFICER = N_("officer of the issuing body")
_WORKER = N_("the portal, in a task")
_N = NoticeState
_CONFIRMABLE = N_("the window is over, no objection open")
_NEW_NOTICE = N_("a new notice says what was wrong; the old one stays readable")
_REASON_TO_WITHDRAW = N_("an objection was upheld, or a winner stepped back")
NOTICE_MOVES = Moves(
    "notice",
    _N.DECIDED,
    Move(_N.DECIDED, "publish", _N.PUBLISHED, _OFFICER, N_("the draft that they have seen")),
    Move(_N.DECIDED, "announce", _N.ANNOUNCED, _OFFICER, N_("a withdrawal: it has no window")),
    Move(_N.PUBLISHED, "close", _N.CLOSED, _WORKER, N_("the window is over")),
    Move(_N.PUBLISHED, "confirm", _N.CONFIRMED, _OFFICER, _CONFIRMABLE),
    Move(_N.CLOSED, "confirm", _N.CONFIRMED, _OFFICER, _CONFIRMABLE),
    Move(_N.PUBLISHED, "correct", _N.CORRECTED, _OFFICER, _NEW_NOTICE),
    Move(_N.CLOSED, "correct", _N.CORRECTED, _OFFICER, _NEW_NOTICE),
    Move(_N.PUBLISHED, "withdraw", _N.WITHDRAWN, _OFFICER, _REASON_TO_WITHDRAW),
    Move(_N.CLOSED, "withdraw", _N.WITHDRAWN, _OFFICER, _REASON_TO_WITHDRAW),
    Move(
        _N.CONFIRMED,
        "reopen",
        _N.WITHDRAWN,
        _OFFICER,
        N_("a winner's contract lapsed or was refused"),
    ),
)

STANDING = frozenset({_N.DECIDED, _N.PUBLISHED, _N.CLOSED, _N.CONFIRMED})
"""Of these a challenge has one at most."""
OUT = frozenset({_N.PUBLISHED, _N.CLOSED})
"""Published, and neither confirmed nor taken back."""


def state_at(state: NoticeState, window_ends_at: datetime | None, now: datetime) -> NoticeState:
    """The state as a reader sees it: a window that is over is over without any worker."""
    over = state is _N.PUBLISHED and window_ends_at is not None and now >= window_ends_at
    return _N.CLOSED if over else state


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


def in_play(ranked: Sequence[Ranked], out: Collection[UUID]) -> list[Ranked]:
    """A ranking in which those that are out count as not passed: the next in order steps in."""
    return [replace(row, passed=row.passed and row.bid_id not in out) for row in ranked]


def deviates(ranked: Sequence[Ranked], chosen: Sequence[UUID]) -> bool:
    """Whether somebody is chosen before a better placed one; bids of one place are equals.

    To choose nobody although a bid passed departs from the order as well.
    """
    picked = set(chosen)
    if not picked:
        return any(row.passed for row in ranked)
    last = max((row.place for row in ranked if row.bid_id in picked), default=0)
    return any(row.passed and row.place < last for row in ranked if row.bid_id not in picked)


@dataclass(frozen=True)
class Wording:
    """What an officer writes for a notice: the rest of it is made from data."""

    meeting: str
    reason: str = ""
    business_contact: str = ""
    supervision_contact: str = ""

    def stripped(self) -> "Wording":
        """Without space around the words."""
        return Wording(*(getattr(self, part.name).strip() for part in fields(self)))


def check_decision(
    ranked: Sequence[Ranked],
    chosen: Sequence[UUID],
    winners: int,
    wording: Wording,
    no_award: bool = False,
) -> None:
    """Raise InvalidInput unless the winners, or their absence, and the words make a decision."""
    short = len(wording.reason.strip()) < REASON_LENGTH
    check(
        _wrong_choice(ranked, chosen, winners, no_award),
        *_wrong_words(wording),
        Invalid(
            "deviation_reason",
            "The choice departs from the ranking: give the reason, at least %(min)d characters.",
            min=REASON_LENGTH,
        )
        if deviates(ranked, chosen) and (chosen or no_award) and short
        else None,
    )


def _wrong_words(wording: Wording) -> list[Invalid]:
    texts = {
        "meeting": N_("Please name the meeting and its record."),
        "business_contact": N_("Please say whom to ask about the decision."),
        "supervision_contact": N_("Please say who supervises the decision."),
    }
    return [
        Invalid(name, text) for name, text in texts.items() if not getattr(wording, name).strip()
    ]


def _wrong_choice(
    ranked: Sequence[Ranked], chosen: Sequence[UUID], winners: int, no_award: bool
) -> Invalid | None:
    passed = {row.bid_id for row in ranked if row.passed}
    if no_award:
        both = "Either choose bids, or say that nobody is awarded."
        return Invalid("winners", both) if chosen else None
    if not chosen:
        return Invalid("winners", "Choose at least one bid.")
    if len(set(chosen)) != len(chosen) or not set(chosen) <= passed:
        return Invalid("winners", "Only bids that reached the pass mark can be chosen, once each.")
    if len(chosen) > winners:
        return Invalid(
            "winners", "At most %(most)d can be chosen for this challenge.", most=winners
        )
    return None


def require_seen(revision: int, seen: int, who: str) -> None:
    """Refuse to overwrite or publish a draft that the writer has not seen. Raises Overtaken."""
    if revision != seen:
        text = N_("%(who)s decided meanwhile: read the draft that stands now.")
        raise Overtaken(text, who=who)


def check_correction(wording: Wording) -> None:
    """Raise InvalidInput unless a correction says what was wrong, and everything that is asked."""
    check(*_wrong_words(wording), _short("reason", wording.reason))


def _short(field: str, text: str) -> Invalid | None:
    if len(text.strip()) >= REASON_LENGTH:
        return None
    return Invalid(field, "At least %(min)d characters, please.", min=REASON_LENGTH)


def check_said(field: str, text: str) -> None:
    """Raise Invalid unless the text says something."""
    problem = _short(field, text)
    if problem is not None:
        raise problem


def window_open(state: NoticeState, window_ends_at: datetime | None, now: datetime) -> bool:
    """Whether objections are taken at `now`; the closing instant itself is late."""
    return state is _N.PUBLISHED and window_ends_at is not None and now < window_ends_at


def require_window(state: NoticeState, window_ends_at: datetime | None, now: datetime) -> None:
    """Raise DeadlinePassed, or IllegalMove, unless objections are taken."""
    if state not in OUT:
        raise IllegalMove("No objections are taken on this notice.")
    if not window_open(state, window_ends_at, now):
        raise DeadlinePassed("The time for objections is over.")


def last_day(window_ends_at: datetime) -> datetime:
    """A moment in the last day of a window that ends with that day."""
    return window_ends_at - timedelta(seconds=1)


def act_by(
    state: NoticeState, decided_at: datetime, window_ends_at: datetime | None
) -> datetime | None:
    """By when an officer publishes a draft, or confirms once the window is over."""
    since = decided_at if state is _N.DECIDED else window_ends_at
    return window_end(since, ACT_DAYS, DayUnit.WORKING) if since is not None else None


@dataclass(frozen=True)
class Disputed:
    """What stands against a notice: objections still open, upheld ones, winners who stepped back."""

    open: int = 0
    upheld: int = 0
    renounced: int = 0

    @property
    def must_go(self) -> bool:
        """Whether the notice cannot stand any more."""
        return bool(self.upheld or self.renounced)


def require_confirmable(window_ends_at: datetime | None, disputed: Disputed, now: datetime) -> None:
    """Raise TooEarly in the window, IllegalMove while anything stands against the notice."""
    if window_ends_at is None or now < window_ends_at:
        until = (
            window_ends_at.astimezone(PLACE).strftime("%Y-%m-%d %H:%M") if window_ends_at else ""
        )
        raise TooEarly("The time for objections runs until %(until)s.", until=until)
    if disputed.open:
        raise IllegalMove("An objection has not been answered.")
    if disputed.upheld:
        raise IllegalMove("An objection was upheld: withdraw the notice and decide again.")
    if disputed.renounced:
        raise IllegalMove("A winner has stepped back: withdraw the notice and decide again.")


def require_withdrawable(disputed: Disputed) -> None:
    """Raise IllegalMove unless there is cause: a notice is not withdrawn at will."""
    if not disputed.must_go:
        raise IllegalMove(
            "A notice is withdrawn only when an objection was upheld or a winner stepped back."
        )


class Next(Worded):
    """What a notice waits for."""

    PUBLISH = "publish", N_("The notice has to be published.")
    ANSWER = "answer", N_("An objection has to be answered.")
    WITHDRAW = "withdraw", N_("The notice cannot stand: it has to be withdrawn.")
    WAIT = "wait", N_("The time for objections runs.")
    CONFIRM = "confirm", N_("The time for objections is over: the award can be confirmed.")
    NOTHING = "nothing", N_("Nothing is left to do here.")


def next_step(
    state: NoticeState, window_ends_at: datetime | None, disputed: Disputed, now: datetime
) -> Next:
    """What comes next for a notice."""
    if state is _N.DECIDED:
        return Next.PUBLISH
    if state not in OUT:
        return Next.NOTHING
    if disputed.must_go:
        return Next.WITHDRAW
    if disputed.open:
        return Next.ANSWER
    return Next.WAIT if window_open(state, window_ends_at, now) else Next.CONFIRM
