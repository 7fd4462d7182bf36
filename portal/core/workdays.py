"""Windows in calendar or working days, with China's swapped days from the `holidays` package."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from portal.core.words import N_, Worded

PLACE = ZoneInfo("Asia/Shanghai")


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


def window_end(start: datetime, days: int, unit: DayUnit) -> datetime:
    """The end of the last of `days` full days after the day of `start`, local midnight, in UTC."""
    day = start.astimezone(PLACE).date()
    left = days
    while left:
        day += timedelta(days=1)
        if unit is DayUnit.CALENDAR or is_workday(day):
            left -= 1
    end = datetime.combine(day + timedelta(days=1), time(), PLACE)
    return end.astimezone(UTC)
