"""The life of a need, what it must say, how needs are merged, and what experts' ratings come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from portal.core.errors import Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import DayUnit, window_end


class NeedState(Worded):
    """Where a need stands."""

    DRAFT = "draft", N_("Need being written")
    HANDED_IN = "handed_in", N_("Handed in")
    TAKEN_UP = "taken_up", N_("Taken up")
    DRAFTED = "drafted", N_("Became a challenge")
    MERGED = "merged", N_("Merged")
    ANSWERED = "answered", N_("Need answered")
    DECLINED = "declined", N_("Not taken up")


class OpinionState(Worded):
    """Whether an expert who was asked has spoken."""

    ASKED = "asked", N_("Opinion awaited")
    GIVEN = "given", N_("Opinion given")
    REFUSED = "refused", N_("Expert declined")


_OWNER = N_("whoever raised it")
_OFFICER = N_("officer of city or district")
_EXPERT = N_("the expert who was asked")
_N = NeedState
_WITH_REASON = N_("with words that the owner reads")
NEED_MOVES = Moves(
    "need",
    _N.DRAFT,
    Move(_N.DRAFT, "hand_in", _N.HANDED_IN, _OWNER, N_("every part is filled in")),
    Move(_N.HANDED_IN, "take_back", _N.DRAFT, _OWNER, N_("not taken up yet")),
    Move(_N.HANDED_IN, "take_up", _N.TAKEN_UP, _OFFICER, N_("with its cluster and priority")),
    Move(_N.HANDED_IN, "merge", _N.MERGED, _OFFICER, _WITH_REASON),
    Move(_N.HANDED_IN, "answer", _N.ANSWERED, _OFFICER, _WITH_REASON),
    Move(_N.HANDED_IN, "decline", _N.DECLINED, _OFFICER, _WITH_REASON),
    Move(_N.TAKEN_UP, "merge", _N.MERGED, _OFFICER, _WITH_REASON),
    Move(_N.TAKEN_UP, "answer", _N.ANSWERED, _OFFICER, _WITH_REASON),
    Move(_N.TAKEN_UP, "decline", _N.DECLINED, _OFFICER, _WITH_REASON),
    Move(_N.TAKEN_UP, "draft", _N.DRAFTED, _OFFICER, N_("a challenge is drafted from it")),
    Move(_N.DRAFTED, "reopen", _N.TAKEN_UP, _OFFICER, N_("its challenge came to nothing")),
)
_O = OpinionState
OPINION_MOVES = Moves(
    "opinion",
    _O.ASKED,
    Move(_O.ASKED, "give", _O.GIVEN, _EXPERT, N_("all four ratings and a reason; need open")),
    Move(_O.ASKED, "refuse", _O.REFUSED, _EXPERT, N_("conflict of interest, or no time")),
)
OPEN_STATES = frozenset({NeedState.HANDED_IN, NeedState.TAKEN_UP})
"""In which officers still work on a need."""
HANDED_IN_STATES = frozenset(NeedState) - {NeedState.DRAFT}


class PainPoint(Worded):
    """What the cluster programme was set up against; the codes are those of its report."""

    BARRIERS = "P1", N_("Barriers too high for one company to go from need to use")
    PACE = "P2", N_("Fast change without technology and platforms of one's own")
    PLATFORM = "P3", N_("No service platform for the whole chain")


class Priority(Worded):
    """How pressing the officers find a need."""

    HIGH = "high", N_("High")
    NORMAL = "normal", N_("Normal")
    LOW = "low", N_("Low")


class Aspect(Worded):
    """What experts rate, from 1 to 5."""

    DRIVE = "drive", N_("Drive of the industry")
    BASE = "base", N_("Research base")
    TESTABLE = "testable", N_("Indicators can be tested")
    FINANCE = "finance", N_("Financial indicators")


TEXT_MINIMUM = 20
LOWEST, HIGHEST = 1, 5
OPINION_DAYS = 10
"""DOMAIN.md gives no time for an expert's word on a need; as long as a review of bids by default."""
MOST_MERGED = 20


@dataclass(frozen=True)
class Lacking:
    """A field that keeps a need from being handed in."""

    at: str

    def as_error(self) -> Invalid:
        """The same as an error that a form can show."""
        return Invalid(self.at, N_("Please fill this in before the need is handed in."))


NEEDED = ("title", "problem", "site", "existing", "worth")


def lacking(filled: dict[str, str], pain_points: Sequence[PainPoint]) -> list[Lacking]:
    """What a draft still lacks before it can be handed in."""
    empty = [Lacking(name) for name in NEEDED if not filled.get(name, "").strip()]
    return empty if pain_points else [*empty, Lacking("pain_points")]


def reason_problem(text: str, field: str = "answer") -> Invalid | None:
    """What is wrong with words that an owner is to read."""
    if len(text.strip()) >= TEXT_MINIMUM:
        return None
    return Invalid(field, N_("At least %(min)d characters, please."), min=TEXT_MINIMUM)


def takes_merged(state: NeedState) -> bool:
    """Whether others may be merged into a need: while it is open, or has become a challenge."""
    return state in OPEN_STATES or state is NeedState.DRAFTED


def rating_problems(ratings: dict[Aspect, int | None]) -> list[Invalid]:
    """What is wrong with an expert's ratings."""
    wrong = N_("Please rate this from 1 to 5.")
    return [
        Invalid(aspect.value, wrong)
        for aspect in Aspect
        if (rating := ratings.get(aspect)) is None or not LOWEST <= rating <= HIGHEST
    ]


def mean(ratings: Iterable[int]) -> Decimal | None:
    """The mean of ratings to one place; None when there is none."""
    given = list(ratings)
    if not given:
        return None
    return (Decimal(sum(given)) / len(given)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def answer_by(asked_at: datetime) -> datetime:
    """Until when an expert's word on a need is awaited."""
    return window_end(asked_at, OPINION_DAYS, DayUnit.CALENDAR)


def code(year: int, number: int) -> str:
    """How people call a need, as XQ-2026-0012 (需求)."""
    return f"XQ-{year}-{number:04d}"
