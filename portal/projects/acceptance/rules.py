"""What an indicator measured, and what must hold to accept a project."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.challenges.rules import Operator, Target
from portal.core.errors import IllegalMove, Invalid, check
from portal.core.words import N_, Worded
from portal.projects.milestones.rules import SETTLED, MilestoneState
from portal.projects.rules import REPORT_LENGTH


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
