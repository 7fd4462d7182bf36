"""Projects and their milestones over time, and what of it is late; a plot of rows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.core.plots import Line, Plot, rows_over
from portal.core.workdays import PLACE
from portal.projects.boards.rules import Due

TICKS_MOST = 6
STEPS = (1, 3, 6, 12, 24, 60, 120)
"""Months between two ticks."""


@dataclass(frozen=True)
class Stretch:
    """A project from its begin to its end, with what its milestones' dates are and how they stand."""

    title: str
    starts_at: datetime
    ends_at: datetime
    marks: Sequence[tuple[datetime, Due, str]]
    """Date, standing and title of each milestone."""


def _day(moment: datetime) -> int:
    return moment.astimezone(PLACE).date().toordinal()


def gantt(stretches: Sequence[Stretch], now: datetime) -> Plot:
    """A row a project, ticks at whole months, and a line at today."""
    dates = [_day(now)]
    for one in stretches:
        dates += [_day(one.starts_at), _day(one.ends_at), *(_day(at) for at, _, _ in one.marks)]
    months = _months(min(dates), max(dates))
    lines = [
        Line(
            one.title,
            (_day(one.starts_at), _day(one.ends_at)),
            [(_day(at), due.value, title) for at, due, title in one.marks],
        )
        for one in stretches
    ]
    ticks = [(month.toordinal(), f"{month:%Y-%m}") for month in months]
    return rows_over(lines, months[0].toordinal(), months[-1].toordinal(), ticks, _day(now))


def _months(first: int, last: int) -> list[date]:
    """The first days of months, evenly apart, that hold these days between them."""
    start, end = date.fromordinal(first), date.fromordinal(last)
    low, high = start.year * 12 + start.month - 1, end.year * 12 + end.month
    step = next((one for one in STEPS if (high - low) / one <= TICKS_MOST), STEPS[-1])
    low -= low % step
    high += -high % step
    return [date(at // 12, at % 12 + 1, 1) for at in range(low, high + 1, step)]
