"""The life of a challenge, its indicators and its rubric."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from portal.core.errors import Invalid, InvalidInput, Overtaken
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded


class ChallengeState(Worded):
    """Where a challenge stands; what only time decides (closed, notice over) is not a state."""

    DRAFT = "draft", N_("Draft")
    PROPOSED = "proposed", N_("Proposed for publishing")
    PUBLISHED = "published", N_("Published")
    OPENED = "opened", N_("Bids opened")
    REVIEWING = "reviewing", N_("In review")
    RANKED = "ranked", N_("Ranked")
    NOTICED = "noticed", N_("Public notice")
    AWARDED = "awarded", N_("Awarded")
    COMPLETED = "completed", N_("Completed")
    FAILED = "failed", N_("Closed without an award")
    CANCELLED = "cancelled", N_("Cancelled")


_OFFICER = N_("officer of the issuing body")
_SECOND = N_("another officer of the issuing body (four eyes)")
_WORKER = N_("the portal, in a task")
_S = ChallengeState
CHALLENGE_MOVES = Moves(
    "challenge",
    _S.DRAFT,
    Move(
        _S.DRAFT,
        "propose",
        _S.PROPOSED,
        _OFFICER,
        N_("complete; deadline ahead; weights sum to 100"),
    ),
    Move(_S.PROPOSED, "approve", _S.PUBLISHED, _SECOND, N_("still complete at that moment")),
    Move(_S.PROPOSED, "return", _S.DRAFT, _SECOND, N_("with remarks")),
    Move(_S.PROPOSED, "take_back", _S.DRAFT, _OFFICER, N_("by whoever proposed it")),
    Move(_S.DRAFT, "cancel", _S.CANCELLED, _OFFICER),
    Move(_S.PROPOSED, "cancel", _S.CANCELLED, _OFFICER),
    Move(_S.PUBLISHED, "cancel", _S.CANCELLED, _OFFICER, N_("with a reason")),
    Move(_S.PUBLISHED, "open", _S.OPENED, _OFFICER, N_("the deadline has passed; there is a bid")),
    Move(_S.PUBLISHED, "fail", _S.FAILED, _OFFICER, N_("the deadline has passed without a bid")),
    Move(
        _S.OPENED,
        "review",
        _S.REVIEWING,
        _OFFICER,
        N_("every bid has its formal check, one passed"),
    ),
    Move(_S.OPENED, "fail", _S.FAILED, _OFFICER, N_("no bid passed the formal check")),
    Move(_S.REVIEWING, "rank", _S.RANKED, _WORKER, N_("every score sheet is in")),
    Move(
        _S.RANKED,
        "review_again",
        _S.REVIEWING,
        _OFFICER,
        N_("a conflict was found late, or a panel follows"),
    ),
    Move(_S.RANKED, "notice", _S.NOTICED, _OFFICER, N_("a decision that names the winners")),
    Move(_S.RANKED, "fail", _S.FAILED, _OFFICER, N_("no bid reached the pass mark")),
    Move(
        _S.NOTICED,
        "award",
        _S.AWARDED,
        _OFFICER,
        N_("the objection window is over, no objection open"),
    ),
    Move(
        _S.NOTICED,
        "reopen",
        _S.RANKED,
        _OFFICER,
        N_("an objection was upheld, the notice withdrawn"),
    ),
    Move(
        _S.NOTICED,
        "end",
        _S.FAILED,
        _OFFICER,
        N_("the notice said that nobody is awarded; its window is over, no objection open"),
    ),
    Move(
        _S.AWARDED,
        "reopen",
        _S.RANKED,
        _OFFICER,
        N_("a winner's contract lapsed or was refused; the next in order may step in"),
    ),
    Move(_S.AWARDED, "complete", _S.COMPLETED, _WORKER, N_("every project of it is accepted")),
)

UNPUBLISHED = frozenset({ChallengeState.DRAFT, ChallengeState.PROPOSED})
PUBLIC_STATES = frozenset(ChallengeState) - UNPUBLISHED


CAME_TO_NOTHING = frozenset({ChallengeState.FAILED, ChallengeState.CANCELLED})


def may_follow(state: ChallengeState) -> bool:
    """Whether a copy of a challenge in this state publishes it anew."""
    return state in CAME_TO_NOTHING


class Outcome(Worded):
    """What came of a proposal to publish."""

    APPROVED = "approved", N_("Approved and published")
    RETURNED = "returned", N_("Returned with remarks")
    TAKEN_BACK = "taken_back", N_("Taken back")


def is_second_pair_of_eyes(proposed_by: UUID, person: UUID) -> bool:
    """Whether a person may decide on a proposal: nobody decides on their own."""
    return person != proposed_by


class Phase(Worded):
    """What a reader sees: the state together with the clock."""

    DRAFT = "draft", N_("Draft")
    PROPOSED = "proposed", N_("Proposed, waiting for a second officer")
    OPEN = "open", N_("Open for bids")
    CLOSED = "closed", N_("Closed, waiting for opening")
    CHECKING = "checking", N_("Formal check")
    REVIEW = "review", N_("Expert review")
    RANKED = "ranked", N_("Ranked, decision pending")
    NOTICE = "notice", N_("Public notice")
    AWARDED = "awarded", N_("Awarded")
    COMPLETED = "completed", N_("Completed")
    FAILED = "failed", N_("Closed without an award")
    CANCELLED = "cancelled", N_("Cancelled")


_PHASES = {
    ChallengeState.DRAFT: Phase.DRAFT,
    ChallengeState.PROPOSED: Phase.PROPOSED,
    ChallengeState.OPENED: Phase.CHECKING,
    ChallengeState.REVIEWING: Phase.REVIEW,
    ChallengeState.RANKED: Phase.RANKED,
    ChallengeState.NOTICED: Phase.NOTICE,
    ChallengeState.AWARDED: Phase.AWARDED,
    ChallengeState.COMPLETED: Phase.COMPLETED,
    ChallengeState.FAILED: Phase.FAILED,
    ChallengeState.CANCELLED: Phase.CANCELLED,
}


def phase(state: ChallengeState, closes_at: datetime | None, now: datetime) -> Phase:
    """The phase at `now`; a published challenge is open until its closing instant."""
    if state is ChallengeState.PUBLISHED:
        return Phase.OPEN if accepts_bids(state, closes_at, now) else Phase.CLOSED
    return _PHASES[state]


def accepts_bids(state: ChallengeState, closes_at: datetime | None, now: datetime) -> bool:
    """Whether a bid handed in at `now` is in time. The closing instant itself is late."""
    return state is ChallengeState.PUBLISHED and closes_at is not None and now < closes_at


class IssuerType(Worded):
    """Who posts and who pays."""

    GOVERNMENT = "government", N_("Government posts and pays")
    ENTERPRISE = "enterprise", N_("Enterprise posts and pays, the state tops up")
    JOINT = "joint", N_("Posted and paid together")


class Operator(Worded):
    """How a measured value is compared with the one asked for."""

    AT_LEAST = "ge", "≥"
    AT_MOST = "le", "≤"
    EQUAL = "eq", "="
    BETWEEN = "between", N_("between")
    QUALITATIVE = "qualitative", N_("as described")


@dataclass(frozen=True)
class Target:
    """What an indicator asks: `high` only for a range, no value at all when qualitative."""

    operator: Operator
    value: Decimal | None = None
    high: Decimal | None = None

    def is_met_by(self, measured: Decimal | None) -> bool:
        """Whether a value fulfils the target; a qualitative one is met by judgement, never here."""
        if measured is None or self.value is None:
            return False
        if self.operator is Operator.AT_LEAST:
            return measured >= self.value
        if self.operator is Operator.AT_MOST:
            return measured <= self.value
        if self.operator is Operator.EQUAL:
            return measured == self.value
        return self.high is not None and self.value <= measured <= self.high

    def promised(self, value: Decimal | None) -> "Target":
        """The same kind of target at the value that a team promises."""
        if self.operator in (Operator.QUALITATIVE, Operator.BETWEEN) or value is None:
            return self
        return Target(self.operator, value)


def shown(target: Target, unit: str) -> str:
    """A target in signs, as `≥ 30 帧/秒`; the empty string when it is qualitative."""
    if target.value is None:
        return ""
    if target.operator is Operator.BETWEEN and target.high is not None:
        return f"{plain(target.value)}–{plain(target.high)} {unit}".strip()
    return f"{target.operator.label} {plain(target.value)} {unit}".strip()


def plain(value: Decimal) -> str:
    """A number without trailing zeros and without an exponent."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


@dataclass(frozen=True)
class CriterionDefault:
    """One line of the default rubric."""

    key: str
    name: str
    weight: int


DEFAULT_RUBRIC = (
    CriterionDefault("indicators", "指标响应与技术先进性", 25),
    CriterionDefault("route", "技术路线可行性与里程碑", 20),
    CriterionDefault("team", "团队与联合体实力", 15),
    CriterionDefault("scenario", "场景落地与示范方案", 15),
    CriterionDefault("industry", "产业化与带动", 10),
    CriterionDefault("budget", "经费合理性与自筹", 10),
    CriterionDefault("risk", "风险、知识产权与安全伦理", 5),
)
"""DOMAIN.md 2.4: no published weight table was found, so this is a default that a call may change."""


BIDDING_MINIMUM = timedelta(days=1)
BIDDING_MAXIMUM = timedelta(days=3 * 366)
"""Longer than any list runs: a later deadline is a slip of the pen."""
REASON_MINIMUM = 10
OVERTAKEN = N_("Somebody else has changed this since you opened it.")


@dataclass(frozen=True)
class Problem:
    """Something that keeps a challenge from being saved or published; `at` names the field."""

    at: str
    text: str
    parameters: dict[str, object] = field(default_factory=dict)

    def as_error(self) -> Invalid:
        """The same as an error that a form can show."""
        return Invalid(self.at, self.text, **self.parameters)


def require_none(problems: Sequence[Problem]) -> None:
    """Raise InvalidInput with every problem there is."""
    if problems:
        raise InvalidInput([problem.as_error() for problem in problems])


def require_seen(revision: int, seen: int) -> None:
    """Refuse to overwrite an edition that the writer has not seen. Raises Overtaken."""
    if revision != seen:
        raise Overtaken(OVERTAKEN)


def require_unchanged_since(seen: int, changed_in: int) -> None:
    """Refuse to overwrite a part that was changed in an edition after the one that was seen.

    Raises Overtaken.
    """
    if changed_in > seen:
        raise Overtaken(OVERTAKEN)


class TargetRow(Protocol):
    """What the checks need of an indicator."""

    @property
    def operator(self) -> Operator:
        """How it is compared."""

    @property
    def value(self) -> Decimal | None:
        """The value, or the lower end of a range."""

    @property
    def high(self) -> Decimal | None:
        """The upper end of a range."""


def draft_problems(indicators: Sequence[TargetRow]) -> list[Problem]:
    """What is wrong even in a draft: targets that contradict themselves."""
    found = []
    for number, row in enumerate(indicators):
        needs_value = row.operator is not Operator.QUALITATIVE
        if needs_value and row.value is None:
            found.append(Problem(f"indicators.{number}.value", N_("A value is needed here.")))
        if not needs_value and row.value is not None:
            text = N_("An indicator “as described” has no value.")
            found.append(Problem(f"indicators.{number}.value", text))
        is_range = row.operator is Operator.BETWEEN
        low, high = row.value or Decimal(0), row.high
        if is_range and (high is None or high <= low):
            text = N_("The upper end of the range must be above the lower.")
            found.append(Problem(f"indicators.{number}.high", text))
        if not is_range and high is not None:
            found.append(Problem(f"indicators.{number}.high", N_("Only a range has an upper end.")))
    return found


def reason_problems(reason: str, at: str = "reason") -> list[Problem]:
    """What is wrong with the reason for which a challenge is cancelled or returned."""
    if len(reason.strip()) >= REASON_MINIMUM:
        return []
    few = N_("At least %(min)d characters, please.")
    return [Problem(at, few, {"min": REASON_MINIMUM})]
