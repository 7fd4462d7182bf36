"""The life of an acceptance, what an indicator measured, and what must hold to pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from portal.challenges.rules import Operator, Target
from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, check
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE
from portal.projects.milestones.rules import SETTLED, MilestoneState
from portal.projects.rules import REPORT_LENGTH, months_after

ATTEMPTS = 2
"""A project that did not pass at once is examined a second time, and not a third."""
REWORK_MONTHS = 2
"""The longest that a team has until the second examination (DOMAIN 1.13)."""
EXPERTS = 3
"""As many acceptance experts at least; their number is odd."""
_LEAD = N_("lead of the team")
_OFFICER = N_("officer of the issuing body")


class AcceptanceState(Worded):
    """Where an acceptance (验收) stands."""

    REQUESTED = "requested", N_("Requested by the lead")
    RETURNED = "returned", N_("Returned: something is missing")
    EXAMINED = "examined", N_("Complete; the experts examine it")
    PASSED = "passed", N_("Passed")
    REWORK = "rework", N_("To be improved and examined once more")
    FAILED = "failed", N_("Failed")


_A = AcceptanceState
ACCEPTANCE_MOVES = Moves(
    "acceptance",
    _A.REQUESTED,
    Move(_A.REQUESTED, "return", _A.RETURNED, _OFFICER, N_("with what is missing")),
    Move(_A.RETURNED, "request", _A.REQUESTED, _LEAD, N_("with every required document")),
    Move(_A.REQUESTED, "complete", _A.EXAMINED, _OFFICER, N_("every required document is there")),
    Move(
        _A.EXAMINED,
        "pass",
        _A.PASSED,
        _OFFICER,
        N_(
            "the experts' joint opinion says so; measured, required indicators met, effect recorded"
        ),
    ),
    Move(
        _A.EXAMINED,
        "rework",
        _A.REWORK,
        _OFFICER,
        N_("once, with a date at most two months ahead"),
    ),
    Move(_A.EXAMINED, "fail", _A.FAILED, _OFFICER, N_("with what follows from it")),
    Move(
        _A.REWORK,
        "fail",
        _A.FAILED,
        _OFFICER,
        N_("nothing was handed in by the date of the second examination"),
    ),
)


class PaperKind(Worded):
    """The documents that an acceptance needs."""

    TECHNICAL = "technical", N_("Technical report")
    TEST = "test", N_("Test report by a third party")
    USER = "user", N_("User's report")
    FINANCE = "finance", N_("Financial statement")
    DELIVERABLES = "deliverables", N_("Deliverables")


class Verdict(Worded):
    """What is said of an indicator."""

    MET = "met", N_("Met")
    PARTLY = "partly", N_("Partly met")
    NOT_MET = "not_met", N_("Not met")


class Conclusion(Worded):
    """What experts advise and the officer concludes."""

    PASS = "pass", N_("Passed")
    REWORK = "rework", N_("Improve and examine once more")
    FAIL = "fail", N_("Failed")


class Standing(Worded):
    """What an acceptance waits for."""

    NONE = "none", N_("To be requested by the lead")
    CHECKING = "checking", N_("The officer looks whether everything is there")
    RETURNED = "returned", N_("The lead has to add what is missing")
    NAMING = "naming", N_("The officer has to name the experts")
    JUDGING = "judging", N_("The experts give their opinions")
    JOINT = "joint", N_("The chair has to write the joint opinion")
    CONCLUDING = "concluding", N_("The officer has to conclude")
    REWORK = "rework", N_("The lead improves and requests it once more")
    OVER = "over", N_("Concluded")


_STANDING = {
    _A.REQUESTED: Standing.CHECKING,
    _A.RETURNED: Standing.RETURNED,
    _A.REWORK: Standing.REWORK,
    _A.PASSED: Standing.OVER,
    _A.FAILED: Standing.OVER,
}


def standing(state: AcceptanceState | None, given: Sequence[bool], joint: bool) -> Standing:
    """What the last acceptance waits for; `given` says of each expert whether the opinion is there."""
    if state is None:
        return Standing.NONE
    if state is not _A.EXAMINED:
        return _STANDING[state]
    if not is_enough(len(given)):
        return Standing.NAMING
    if not all(given):
        return Standing.JUDGING
    return Standing.CONCLUDING if joint else Standing.JOINT


def is_enough(experts: int) -> bool:
    """Whether so many experts may examine: an odd number, three at least."""
    return experts >= EXPERTS and experts % 2 == 1


def require_requestable(attempt: int, again_by: datetime | None, now: datetime) -> None:
    """Raise IllegalMove for a third attempt, DeadlinePassed for a second one that is late."""
    if attempt > ATTEMPTS:
        raise IllegalMove("A project is examined twice at most.")
    if again_by is not None and now > again_by:
        raise DeadlinePassed("The date for the second examination has passed.")


def is_overdue(state: AcceptanceState, again_by: datetime | None, now: datetime) -> bool:
    """Whether the date of a second examination has passed without a request."""
    return state is AcceptanceState.REWORK and again_by is not None and now > again_by


def latest_rework(now: datetime) -> datetime:
    """Until when at most a team may improve: the end of the day two months ahead, in Beijing."""
    return end_of(months_after(now, REWORK_MONTHS).astimezone(PLACE).date())


def end_of(day: date) -> datetime:
    """The last instant that still belongs to a day in Beijing."""
    begin = datetime.combine(day, time(), PLACE)
    return (begin + timedelta(days=1) - timedelta.resolution).astimezone(UTC)


def check_papers(kept: Iterable[PaperKind], tester: str, team: Iterable[str], summary: str) -> None:
    """Raise InvalidInput with every document that is missing; who tests is not of the team."""
    there = set(kept)
    missing = [
        Invalid(kind.value, "Please add this document.") for kind in PaperKind if kind not in there
    ]
    own = tester.strip() in {name.strip() for name in team}
    check(
        *missing,
        Invalid("tester", "Please say who tested.") if not tester.strip() else None,
        Invalid("tester", "Whoever tests is not of the team.") if tester.strip() and own else None,
        _too_short("summary", summary),
    )


@dataclass(frozen=True)
class Line:
    """The money of one source, in yuan: as contracted, as received, and as spent."""

    source: FundSource
    planned: Decimal
    received: Decimal
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What was received and not spent."""
        return self.received - self.spent

    @property
    def goes_back(self) -> Decimal:
        """Surplus of public money goes back to its source; the team keeps its own."""
        return self.left if self.source in PUBLIC_SOURCES else Decimal(0)


def check_statement(lines: Iterable[Line]) -> None:
    """Raise InvalidInput unless no source is spent beyond what was received."""
    check(
        *(
            Invalid(f"spent_{line.source.value}", "This is more than was received.")
            for line in lines
            if line.spent > line.received
        )
    )


@dataclass(frozen=True)
class Measurement:
    """What was measured: a number, or a verdict where there is none; how, by whom, and when."""

    value: Decimal | None
    verdict: Verdict | None
    how: str
    tester: str
    tested_on: date | None


def _too_short(field: str, text: str) -> Invalid | None:
    if len(text.strip()) >= REPORT_LENGTH:
        return None
    return Invalid(field, "At least %(min)d characters, please.", min=REPORT_LENGTH)


def check_measurement(target: Target, told: Measurement, evidence: bool, today: date) -> None:
    """Raise InvalidInput with everything that a measurement lacks."""
    qualitative = target.operator is Operator.QUALITATIVE
    check(
        Invalid("met", "Say whether it is met.") if qualitative and told.verdict is None else None,
        Invalid("value", "Please enter the measured value.")
        if not qualitative and told.value is None
        else None,
        _too_short("how", told.how),
        None if told.tester.strip() else Invalid("tester", "Please say who tested."),
        _wrong_day(told.tested_on, today),
        None if evidence else Invalid("evidence", "Please add a file that shows it."),
    )


def _wrong_day(tested_on: date | None, today: date) -> Invalid | None:
    if tested_on is None:
        return Invalid("tested_on", "Please enter a date.")
    return Invalid("tested_on", "This day is still ahead.") if tested_on > today else None


def judged(asked: Target, promised: Target, told: Measurement) -> tuple[Decimal | None, Verdict]:
    """The measured value and the verdict: a number is compared, never judged. What was asked and
    is reached, but not the promise beyond it, is partly met."""
    if promised.operator is Operator.QUALITATIVE:
        return None, told.verdict or Verdict.NOT_MET
    if promised.is_met_by(told.value):
        return told.value, Verdict.MET
    return told.value, Verdict.PARTLY if asked.is_met_by(told.value) else Verdict.NOT_MET


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
        milestones_left=sum(state not in SETTLED for state in milestones),
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


def require_conclusion(
    conclusion: Conclusion, joint: Conclusion | None, attempt: int, recorded: bool
) -> None:
    """Raise IllegalMove where a conclusion does not follow from what is there. No officer passes
    what the experts do not; an officer may be stricter, with reasons."""
    if joint is None:
        raise IllegalMove("The experts' joint opinion is not there yet.")
    if conclusion is Conclusion.REWORK and attempt >= ATTEMPTS:
        raise IllegalMove("A project is improved once; now it passes or fails.")
    if conclusion is not Conclusion.PASS:
        return
    if joint is not Conclusion.PASS:
        raise IllegalMove("The experts' joint opinion is not that it passes.")
    if not recorded:
        raise IllegalMove("The record of the application on its site is still missing.")
