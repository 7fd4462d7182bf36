"""The life of a project, its milestones and tranches, and what must hold to accept it."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.challenges.rules import Operator, Target
from portal.core.errors import IllegalMove, Invalid, check
from portal.core.money import PUBLIC_SOURCES, FundSource, split
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE

REPORT_LENGTH = 20
"""A report, a reason and a conclusion say at least this much, in characters."""


class ProjectState(Worded):
    """Where a scenario-application project stands."""

    ACTIVE = "active", N_("Under way")
    ACCEPTED = "accepted", N_("Acceptance passed")


_LEAD = N_("lead of the team")
_OFFICER = N_("officer of the issuing body")
_P = ProjectState
PROJECT_MOVES = Moves(
    "project",
    _P.ACTIVE,
    Move(
        _P.ACTIVE,
        "accept",
        _P.ACCEPTED,
        _OFFICER,
        N_("milestones accepted, every indicator measured, every required one met"),
    ),
)


class MilestoneState(Worded):
    """Where a milestone (里程碑) stands."""

    PLANNED = "planned", N_("Planned")
    REPORTED = "reported", N_("Reported")
    ACCEPTED = "accepted", N_("Examined and accepted")


_M = MilestoneState
MILESTONE_MOVES = Moves(
    "milestone",
    _M.PLANNED,
    Move(
        _M.PLANNED, "report", _M.REPORTED, _LEAD, N_("with evidence; earlier milestones reported")
    ),
    Move(_M.REPORTED, "return", _M.PLANNED, _OFFICER, N_("with a reason")),
    Move(_M.REPORTED, "accept", _M.ACCEPTED, _OFFICER, N_("earlier milestones accepted")),
)


class TrancheState(Worded):
    """Where a tranche (拨款) stands."""

    PLANNED = "planned", N_("Waiting for its milestone")
    DUE = "due", N_("Due")
    PAID = "paid", N_("Paid")


_T = TrancheState
TRANCHE_MOVES = Moves(
    "tranche",
    _T.PLANNED,
    Move(
        _T.PLANNED, "release", _T.DUE, N_("the portal, in a task"), N_("its milestone is accepted")
    ),
    Move(_T.DUE, "pay", _T.PAID, _OFFICER, N_("with a voucher number")),
)


def months_after(start: datetime, months: int) -> datetime:
    """The same day some months later, in Beijing; the month's last day when it has no such day."""
    local = start.astimezone(PLACE)
    year, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + year, month + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(start.tzinfo)


def tranche_amounts(total: Decimal, shares: Sequence[int]) -> list[Decimal]:
    """Yuan of one source for each milestone, exact in sum; a share of 0 releases nothing."""
    paying = [Decimal(share) for share in shares if share > 0]
    parts = split(total, paying) if paying else []
    if any(part < 0 for part in parts):  # rounding up a few cents can leave less than none
        parts = [*[Decimal(0)] * (len(paying) - 1), total]
    left = iter(parts)
    return [next(left) if share > 0 else Decimal(0) for share in shares]


def may_follow(earlier: Sequence[MilestoneState], allowed: frozenset[MilestoneState]) -> bool:
    """Whether every earlier milestone is so far that this one may be taken."""
    return all(state in allowed for state in earlier)


def require_report(
    earlier: Sequence[MilestoneState], project: ProjectState, report: str, files: int
) -> None:
    """Raise IllegalMove out of order, Invalid without words or evidence."""
    require_running(project)
    if not may_follow(earlier, frozenset({_M.REPORTED, _M.ACCEPTED})):
        raise IllegalMove("Report the earlier milestones first.")
    require_words("report", report)
    if not files:
        raise Invalid("evidence", "Please add at least one file that shows it.")


def require_acceptable(earlier: Sequence[MilestoneState]) -> None:
    """Raise IllegalMove unless every earlier milestone has been accepted."""
    if not may_follow(earlier, frozenset({_M.ACCEPTED})):
        raise IllegalMove("Accept the earlier milestones first.")


def require_running(project: ProjectState) -> None:
    """Raise IllegalMove when the project has been accepted."""
    if project is not _P.ACTIVE:
        raise IllegalMove("The project has been accepted; nothing in it changes any more.")


def require_words(field: str, text: str) -> None:
    """Raise Invalid unless the text says something."""
    if len(text.strip()) < REPORT_LENGTH:
        raise Invalid(field, "At least %(min)d characters, please.", min=REPORT_LENGTH)


def require_own_money(source: FundSource, amount: Decimal, contracted: Decimal | None) -> None:
    """Raise Invalid unless this much of the team's own money fits the contract."""
    if source in PUBLIC_SOURCES:
        raise Invalid("source", "Public money is paid in tranches, not recorded here.")
    if contracted is None:
        raise Invalid("source", "The contract has no money from this source.")
    if amount < 0:
        raise Invalid("amount", "This must not be negative.")
    if amount > contracted:
        raise Invalid("amount", "This is more than the contract has from this source.")


class Judgement(Worded):
    """What is said of a qualitative indicator."""

    MET = "yes", N_("Met")
    NOT_MET = "no", N_("Not met")


def check_measurement(
    target: Target, value: Decimal | None, met: bool | None, how: str, evidence: bool
) -> None:
    """Raise InvalidInput with everything that a measurement lacks."""
    qualitative = target.operator is Operator.QUALITATIVE
    check(
        Invalid("met", "Say whether it is met.") if qualitative and met is None else None,
        Invalid("value", "Please enter the measured value.")
        if not qualitative and value is None
        else None,
        Invalid("how", "At least %(min)d characters, please.", min=REPORT_LENGTH)
        if len(how.strip()) < REPORT_LENGTH
        else None,
        None if evidence else Invalid("evidence", "Please add a file that shows it."),
    )


def judged(target: Target, value: Decimal | None, met: bool | None) -> tuple[Decimal | None, bool]:
    """The measured value and whether the promise is kept: a number is compared, never judged."""
    if target.operator is Operator.QUALITATIVE:
        return None, bool(met)
    return value, target.is_met_by(value)


@dataclass(frozen=True)
class Measured:
    """An indicator as acceptance sees it."""

    asked: Target
    mandatory: bool
    value: Decimal | None
    met: bool | None

    @property
    def is_measured(self) -> bool:
        """Whether it has been measured or judged."""
        return self.met is not None

    @property
    def meets_what_was_asked(self) -> bool:
        """Whether it fulfils the challenge, even if the promise beyond it is missed."""
        if self.asked.operator is Operator.QUALITATIVE:
            return bool(self.met)
        return self.is_measured and self.asked.is_met_by(self.value)


@dataclass(frozen=True)
class Readiness:
    """What stands between a project and its acceptance."""

    milestones_left: int
    unmeasured: int
    short_of_asked: int
    missed_promises: int

    @property
    def is_ready(self) -> bool:
        """Whether the project can be accepted; a missed promise asks for a conclusion only."""
        return not (self.milestones_left or self.unmeasured or self.short_of_asked)


def readiness(milestones: Sequence[MilestoneState], indicators: Sequence[Measured]) -> Readiness:
    """How far a project is from its acceptance."""
    measured = [row for row in indicators if row.is_measured]
    return Readiness(
        milestones_left=sum(state is not _M.ACCEPTED for state in milestones),
        unmeasured=len(indicators) - len(measured),
        short_of_asked=sum(row.mandatory and not row.meets_what_was_asked for row in measured),
        missed_promises=sum(row.met is False for row in measured),
    )


def require_ready(ready: Readiness) -> None:
    """Raise IllegalMove, with the first thing that is missing."""
    if ready.milestones_left:
        raise IllegalMove("A milestone has not been accepted yet.")
    if ready.unmeasured:
        raise IllegalMove("An indicator has not been measured yet.")
    if ready.short_of_asked:
        raise IllegalMove("A required indicator falls short of what the challenge asked.")


class Step(Worded):
    """What a project waits for."""

    REPORT = "report", N_("The lead has to report a milestone.")
    DECIDE = "decide", N_("The officer has to examine a reported milestone.")
    PAY = "pay", N_("The officer has to pay a tranche.")
    MEASURE = "measure", N_("The officer has to record what the indicators measured.")
    IMPROVE = "improve", N_("A required indicator falls short: improve it and measure it again.")
    ACCEPT = "accept", N_("Everything is measured: the officer can accept the project.")


OFFICERS_STEPS = (Step.DECIDE, Step.PAY, Step.MEASURE, Step.ACCEPT)


def steps(
    project: ProjectState,
    milestones: Sequence[MilestoneState],
    tranches: Sequence[TrancheState],
    ready: Readiness,
) -> list[Step]:
    """What comes next, most pressing first; several people may have to act at once."""
    found = [Step.PAY] if _T.DUE in tranches else []
    if project is not _P.ACTIVE:
        return found
    if _M.REPORTED in milestones:
        found.insert(0, Step.DECIDE)
    if _M.PLANNED in milestones:
        return [*found, Step.REPORT]
    if ready.milestones_left:
        return found
    if ready.unmeasured:
        return [*found, Step.MEASURE]
    return [*found, Step.IMPROVE if ready.short_of_asked else Step.ACCEPT]
