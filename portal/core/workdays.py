"""Windows in calendar or working days, with China's swapped days from the `holidays` package."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from portal.core.words import N_, Worded

PLACE = ZoneInfo("Asia/Shanghai")
SATURDAY = 5


class DayUnit(Worded):
    """How a window is counted."""

    CALENDAR = "calendar", N_("calendar days")
    WORKING = "working", N_("working days")


def is_workday(day: date) -> bool:
    """Whether people work in China on that day; a swapped Saturday counts as a workday."""
    return _calendar(day.year).is_working_day(day)


@lru_cache(maxsize=16)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year)


class DayKind(Worded):
    """What a day of a window is."""

    WORKDAY = "workday", N_("working day")
    WEEKEND = "weekend", N_("weekend")
    HOLIDAY = "holiday", N_("public holiday")
    SWAPPED = "swapped", N_("weekend worked in exchange")


@dataclass(frozen=True)
class WindowDay:
    """A day of a window's calendar; `number` says which counted day it is, None where it is not."""

    day: date
    kind: DayKind
    number: int | None


def kind_of(day: date) -> DayKind:
    """What a day is in China, with swapped days."""
    works, is_weekend = is_workday(day), day.weekday() >= SATURDAY
    if is_weekend:
        if works:
            return DayKind.SWAPPED
        return DayKind.HOLIDAY if day in _calendar(day.year) else DayKind.WEEKEND
    return DayKind.WORKDAY if works else DayKind.HOLIDAY


def is_settled(year: int) -> bool:
    """Whether the year's swapped days are known; before that only its statutory holidays are."""
    return year in getattr(_calendar(year), "special_public_holidays", {})


def window_days(start: datetime, days: int, unit: DayUnit) -> list[WindowDay]:
    """The calendar of a window: the day of `start`, which is not counted, to its last day."""
    first = start.astimezone(PLACE).date()
    found, number = [WindowDay(first, kind_of(first), None)], 0
    while number < days:
        day = found[-1].day + timedelta(days=1)
        counted = unit is DayUnit.CALENDAR or is_workday(day)
        number += counted
        found.append(WindowDay(day, kind_of(day), number if counted else None))
    return found


def window_end(start: datetime, days: int, unit: DayUnit) -> datetime:
    """The end of the last of `days` full days after the day of `start`, local midnight, in UTC."""
    last = window_days(start, days, unit)[-1].day
    end = datetime.combine(last + timedelta(days=1), time(), PLACE)
    return end.astimezone(UTC)
