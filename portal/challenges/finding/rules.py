"""What is a word, how the list is narrowed and sorted, and what is counted beside each filter."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple
from uuid import UUID

from portal.challenges.rules import ChallengeState, Phase, phase
from portal.core.errors import Invalid
from portal.core.money import MAXIMUM, WAN, yuan
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE

SIGNS = "\u3005\u3007\u3040-\ud7af\U00020000-\U0003fffd"
"""Chinese characters, kana and hangul: written without spaces, so found by every two neighbours."""
LETTERS = "a-z0-9\u00c0-\u024f\u0370-\u04ff"
LONGEST_WORD = 40
WORDS_TYPED = 60
"""Characters of a search; more is not a search."""
_RUN = re.compile(f"[{SIGNS}]+|[{LETTERS}]+")
_SIGN = re.compile(f"[{SIGNS}]")
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def _runs(text: str) -> Iterable[tuple[str, bool]]:
    """The runs of signs and of letters, and whether it is one of signs."""
    plain = unicodedata.normalize("NFKC", text).translate(_LOWER)
    return ((run, bool(_SIGN.match(run))) for run in _RUN.findall(plain))


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def tokens(text: str) -> frozenset[str]:
    """What a text can be found by; the database's finding_words() says the same."""
    found: set[str] = set()
    for run, is_signs in _runs(text):
        found.update([*run, *_pairs(run)] if is_signs else [run[:LONGEST_WORD]])
    return frozenset(found)


def search(text: str) -> str:
    """What a reader typed, as a query of the database: every pair of signs and every beginning of a
    word has to be there. Empty when nothing in it can be searched for."""
    terms: dict[str, None] = {}
    for run, is_signs in _runs(text):
        if is_signs:
            terms.update(dict.fromkeys(f"'{pair}'" for pair in _pairs(run) or [run]))
        else:
            terms[f"'{run[:LONGEST_WORD]}':*"] = None
    return " & ".join(terms)


class Sort(Worded):
    """What comes first on the list."""

    NEWEST = "newest", N_("Newest first")
    DEADLINE = "deadline", N_("Nearest deadline first")
    BUDGET = "budget", N_("Largest budget first")


STAGES = tuple(stage for stage in Phase if stage.value not in ("draft", "proposed"))
"""Those in which everybody sees a challenge."""


@dataclass(frozen=True)
class Filters:
    """How the public list is narrowed and sorted; empty means all. Money in yuan."""

    words: str = ""
    cluster: str = ""
    district: str = ""
    field: str = ""
    stage: Phase | None = None
    budget_from: Decimal | None = None
    budget_to: Decimal | None = None
    closes_from: datetime | None = None
    closes_to: datetime | None = None
    sort: Sort = Sort.NEWEST

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return replace(self, sort=Sort.NEWEST) != Filters()

    @property
    def is_counted(self) -> bool:
        """Whether the counters alone can tell how many there are."""
        ranges = self.budget_from, self.budget_to, self.closes_from, self.closes_to
        return not self.words and all(end is None for end in ranges)

    @property
    def is_ahead(self) -> bool:
        """Sorted by deadlines that are still ahead, unless a later stage is asked for."""
        return self.sort is Sort.DEADLINE and self.stage in (None, Phase.OPEN)


@dataclass(frozen=True)
class Reading:
    """What an address asks for; `kept` is what was typed, `problems` say what is no answer."""

    filters: Filters
    kept: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)


NAMES = tuple(Filters.__dataclass_fields__)
NO_NUMBER = N_("Please enter a number.")
NO_DAY = N_("Please enter a date.")


def _amount(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "").replace("\uff0c", ""))
        if not 0 <= value <= MAXIMUM / WAN:
            raise ValueError(NO_NUMBER)
        return yuan(value)
    except InvalidOperation:
        raise ValueError(NO_NUMBER) from None


def _day(text: str, later: timedelta) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), PLACE) + later
    except (ValueError, OverflowError):
        raise ValueError(NO_DAY) from None


def _stage(text: str) -> Phase | None:
    return next((stage for stage in STAGES if stage.value == text), None)


def _sort(text: str) -> Sort:
    return next((sort for sort in Sort if sort.value == text), Sort.NEWEST)


READERS: dict[str, Callable[[str], object]] = {
    "stage": _stage,
    "sort": _sort,
    "budget_from": _amount,
    "budget_to": _amount,
    "closes_from": lambda text: _day(text, timedelta()),
    "closes_to": lambda text: _day(text, timedelta(days=1) - timedelta.resolution),
}
"""How each argument is read; the others are taken as they are."""


def read(arguments: Mapping[str, str]) -> Reading:
    """What an address asks for; an unknown choice counts as none, and what is no number or date is
    left out, kept as it was typed, and named."""
    kept, values, problems = {}, {}, {}
    for name in NAMES:
        most = WORDS_TYPED if name == "words" else 200
        text = arguments.get(name, "").strip()[:most]
        if not text:
            continue
        kept[name] = text
        try:
            values[name] = READERS.get(name, str)(text)
        except ValueError as error:
            problems[name] = str(error)
    return Reading(Filters(**values), kept, problems)  # type: ignore[arg-type]


_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_FAR_AHEAD = datetime(9999, 12, 31, tzinfo=UTC)


@cache
def stage_of(state: ChallengeState) -> Phase:
    """The stage of a state, as long as its deadline is ahead."""
    return phase(state, _FAR_AHEAD, _LONG_AGO)


def states_of(stage: Phase) -> list[ChallengeState]:
    """The states that a stage is made of; the clock tells open from closed."""
    wanted = Phase.OPEN if stage is Phase.CLOSED else stage
    return [state for state in ChallengeState if stage_of(state) is wanted]


def place_in(sort: Sort, text: str) -> tuple[datetime | Decimal, UUID] | None:
    """A place in the list, out of an address; nonsense counts as none."""
    value, _, key = text.partition("|")
    try:
        row = UUID(key)
        if sort is Sort.BUDGET:
            amount = Decimal(value)
            return (amount, row) if amount.is_finite() else None
        moment = datetime.fromisoformat(value)
    except (ValueError, InvalidOperation):
        return None
    return (moment, row) if moment.tzinfo else None


class Cell(NamedTuple):
    """How many challenges are alike in all that is counted; the values stand as in COUNTED."""

    cluster: str
    district: str
    field: str
    stage: Phase
    number: int


COUNTED = ("cluster", "district", "field", "stage")


def counts(cells: Iterable[Cell], filters: Filters) -> dict[str, Counter[str]]:
    """For each filter how many its every value would show, the other filters being as they are."""
    values = [getattr(filters, name) for name in COUNTED]
    chosen = [(place, value) for place, value in enumerate(values) if value]
    tallies: list[dict[str, int]] = [defaultdict(int) for _ in COUNTED]
    for cell in cells:  # some thousands, on every page of the list
        wrong = [place for place, value in chosen if cell[place] != value]
        for place in range(len(COUNTED)) if not wrong else wrong if len(wrong) == 1 else ():
            tallies[place][str(cell[place])] += cell.number
    return {name: Counter(tally) for name, tally in zip(COUNTED, tallies, strict=True)}


def total(cells: Iterable[Cell], filters: Filters) -> int:
    """How many the filters leave."""
    wanted = {name: getattr(filters, name) for name in COUNTED if getattr(filters, name)}
    return sum(
        cell.number
        for cell in cells
        if all(getattr(cell, name) == value for name, value in wanted.items())
    )


MATCHED = ("cluster", "district", "field", "budget_from", "budget_to", "closes_from", "closes_to")
"""What of a search a published challenge is compared with beside its words; it is always open."""
NAME_MAXIMUM = 60
MOST_SEARCHES = 50


def search_problems(name: str, asked: Reading, kept: Collection[str]) -> list[Invalid]:
    """What keeps a search from being kept beside those that a person has; `kept` are their names."""
    full = len(kept) >= MOST_SEARCHES and name not in kept
    unclear = bool(asked.problems) or bool(asked.filters.words and not search(asked.filters.words))
    checks = [
        (not name, Invalid("name", N_("Please fill this in."))),
        (
            len(name) > NAME_MAXIMUM,
            Invalid("name", N_("At most %(max)d characters, please."), max=NAME_MAXIMUM),
        ),
        (unclear, Invalid("name", N_("Correct the search before you save it."))),
        (
            full,
            Invalid(
                "name",
                N_("You have %(most)s saved searches; delete one first."),
                most=MOST_SEARCHES,
            ),
        ),
    ]
    return [problem for wrong, problem in checks if wrong]


_S = ChallengeState
NEWS = {
    _S.OPENED: N_("The bids on “%(title)s” are open; the formal check is next."),
    _S.REVIEWING: N_("“%(title)s” is in expert review."),
    _S.RANKED: N_("The bids on “%(title)s” are ranked; the decision is next."),
    _S.NOTICED: N_("The result of “%(title)s” is on public notice."),
    _S.AWARDED: N_("The award of “%(title)s” is confirmed."),
    _S.COMPLETED: N_("“%(title)s” is completed: its projects are accepted."),
    _S.FAILED: N_("“%(title)s” was closed without an award."),
}
"""What followers are told when a challenge comes to a state; cancelling has its own news."""


def news_key(challenge_id: UUID, state: ChallengeState, reached: str) -> str:
    """Names a piece of news; whoever hears as a bidder that a challenge failed hears it once."""
    if state is _S.FAILED:
        return f"challenge:{challenge_id}:failed"
    return f"challenge.moved:{challenge_id}:{state.value}:{reached}"
