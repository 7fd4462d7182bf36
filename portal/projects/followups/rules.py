"""When a yearly report is due, when it may come, and what it says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from portal.core.errors import IllegalMove, Invalid, TooEarly, check
from portal.projects.rules import REPORT_LENGTH, ProjectState, months_after

YEARS = (1, 2, 3)
MONTHS = 12
EARLY = timedelta(days=60)
"""A year is reported so long before it ends at the earliest."""
SOON = timedelta(days=30)
"""So long before its date the lead is reminded."""


def due_at(accepted_at: datetime, year: int) -> datetime:
    """When the report of a year after acceptance is due."""
    return months_after(accepted_at, MONTHS * year)


@dataclass(frozen=True)
class Figures:
    """What one project brought in a year; money in yuan, counts of that year alone."""

    revenue: Decimal
    investment: Decimal
    patents: int
    jobs: int
    sites: int


NOTHING = Figures(Decimal(0), Decimal(0), 0, 0, 0)


def total(rows: Iterable[Figures]) -> Figures:
    """Figures of several years or projects added up."""
    found = list(rows)
    return Figures(
        sum((row.revenue for row in found), Decimal(0)),
        sum((row.investment for row in found), Decimal(0)),
        sum(row.patents for row in found),
        sum(row.jobs for row in found),
        sum(row.sites for row in found),
    )


def require_report(
    project: ProjectState, due: datetime, earlier: int, told: Figures, reason: str, now: datetime
) -> None:
    """Raise IllegalMove before acceptance, TooEarly before the year nears its end, InvalidInput for
    what is no figure or a correction without a reason; `earlier` reports are there already."""
    if project is not ProjectState.ACCEPTED:
        raise IllegalMove("Yearly reports follow a passed acceptance.")
    if now < due - EARLY:
        raise TooEarly("This year is not over yet; it can be reported in its last two months.")
    short = earlier > 0 and len(reason.strip()) < REPORT_LENGTH
    check(
        *(
            Invalid(name, "This must not be negative.") if value < 0 else None
            for name, value in vars(told).items()
        ),
        Invalid("reason", "At least %(min)d characters, please.", min=REPORT_LENGTH)
        if short
        else None,
    )
