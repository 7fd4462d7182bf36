"""What a board sums up, the leverage of public money, quarters, and what of a milestone is late."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE
from portal.projects.milestones.rules import MilestoneState, is_late
from portal.projects.rules import OVER, ProjectState

NOT_CONTRACTED = frozenset({ProjectState.SIGNING, ProjectState.LAPSED})
"""Projects whose money nobody is bound to: they stand on a board and count in no sum."""
HUNDREDTH = Decimal("0.01")


class Kind(Worded):
    """What money a sum is of."""

    CONTRACTED = "contracted", N_("Contracted")
    PAID = "paid", N_("Paid")


class Part(Worded):
    """A list of what a figure is made of."""

    CONTRACTED = "contracted", N_("Contracted money")
    PAID = "paid", N_("Paid money")
    PROJECTS = "projects", N_("Projects of the cluster")
    MILESTONES = "milestones", N_("Milestones of its projects")
    INDICATORS = "indicators", N_("Contract indicators of its projects")
    ORGANISATIONS = "organisations", N_("Organisations in its projects")
    PUBLISHED = "published", N_("What is published of it")


class Due(Worded):
    """Where a milestone stands on its way to its date."""

    DONE = "done", N_("Examined and accepted")
    REPORTED = "reported", N_("Reported, to be examined")
    FAILED = "failed", N_("Failed")
    LATE = "late", N_("Late")
    OPEN = "open", N_("To come")
    DROPPED = "dropped", N_("No longer wanted")


SETTLED = {
    MilestoneState.ACCEPTED: Due.DONE,
    MilestoneState.REPORTED: Due.REPORTED,
    MilestoneState.FAILED: Due.FAILED,
    MilestoneState.PASSED_OVER: Due.FAILED,
}
"""What no date changes any more; every other milestone is open until it is late."""


class Reading(Worded):
    """Where a contract indicator stands."""

    MET = "met", N_("Met")
    MISSED = "missed", N_("Not met")
    UNMEASURED = "unmeasured", N_("Not measured yet")


class Factor(Worded):
    """The five factors (五要素) of a cluster, by the word that its source has for each."""

    TALENT = "人才", N_("Talent")
    TECHNOLOGY = "技术", N_("Technology")
    COMPANY = "企业", N_("Company")
    PLATFORM = "平台", N_("Platform")
    SPACE = "空间", N_("Space")


class Role(Worded):
    """What an organisation is in a project."""

    LEAD = "lead", N_("Lead")
    PARTNER = "partner", N_("Partner")


class Listed(Worded):
    """Lists of what a cluster's source publishes, that stand on its board as numbers."""

    COMPANY = "company", N_("Companies")
    PLATFORM = "platform", N_("Platforms")
    EVENT = "event", N_("Events")
    RESULT = "result", N_("Results")
    SITE = "site", N_("Sites")


Amounts = Mapping[FundSource, Decimal | None]
"""Yuan by source; None for a source of which no sum is disclosed."""


@dataclass(frozen=True)
class Leverage:
    """Yuan of enterprises and social capital to each yuan of city and district.

    `times` is None when a part is not disclosed (`disclosed` is False) or nothing public was given.
    """

    times: Decimal | None
    disclosed: bool = True


def leverage(amounts: Amounts) -> Leverage:
    """What public money brought with it; a source that is not named gave nothing."""
    if any(amount is None for amount in amounts.values()):
        return Leverage(None, disclosed=False)
    known = {source: amount or Decimal(0) for source, amount in amounts.items()}
    public = sum((known.get(source, Decimal(0)) for source in PUBLIC_SOURCES), Decimal(0))
    private = sum(known.values(), Decimal(0)) - public
    if not public:
        return Leverage(None)
    return Leverage((private / public).quantize(HUNDREDTH, ROUND_HALF_UP))


def published_amounts(names: Iterable[str], named: Sequence[tuple[str, int]]) -> Amounts:
    """Sums of a cluster by source, as its publication gives them.

    `names` are the sources that it names, in its words; `named` what each published sum says of its
    source and how much it is. Since sums overlap, a source is known only if one sum alone names it.
    """
    amounts: dict[FundSource, Decimal | None] = {}
    for source, name in zip(FundSource, names, strict=False):
        own = [amount for words, amount in named if words == name]
        amounts[source] = Decimal(own[0]) if len(own) == 1 else None
    return amounts


def quarter_of(moment: datetime) -> str:
    """The quarter in Beijing, as in 2026Q4."""
    local = moment.astimezone(PLACE)
    return f"{local.year}Q{(local.month + 2) // 3}"


def quarters(known: Iterable[str]) -> list[str]:
    """Every quarter from the first to the last of these, without a gap."""
    numbers = sorted(_number(quarter) for quarter in known)
    if not numbers:
        return []
    return [f"{n // 4}Q{n % 4 + 1}" for n in range(numbers[0], numbers[-1] + 1)]


def _number(quarter: str) -> int:
    year, part = quarter.split("Q")
    return int(year) * 4 + int(part) - 1


def due(state: MilestoneState, wanted_by: datetime, project: ProjectState, now: datetime) -> Due:
    """Where a milestone stands; one that is reported waits for the officer, and is not late.

    Nothing is late in a project that is suspended, and nothing is wanted of one that is over.
    """
    if state in SETTLED:
        return SETTLED[state]
    if project in OVER:
        return Due.DROPPED
    late = project is ProjectState.ACTIVE and is_late(state, wanted_by, now)
    return Due.LATE if late else Due.OPEN


def reading(met: bool | None) -> Reading:
    """Where an indicator stands."""
    if met is None:
        return Reading.UNMEASURED
    return Reading.MET if met else Reading.MISSED
