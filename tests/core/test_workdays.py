"""Windows in calendar and working days, with China's swapped days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.workdays import PLACE, DayUnit, is_workday, window_end

FIRST = datetime(2023, 1, 1, tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PLACE)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2023-04-28", True),
        ("2023-04-29", False),
        ("2023-05-01", False),
        ("2023-05-03", False),
        ("2023-05-04", True),
        ("2023-05-06", True),  # a Saturday that was swapped for a day of the holiday
        ("2023-04-23", True),  # a Sunday, likewise
        ("2023-05-07", False),
        ("2026-10-01", False),
    ],
)
def test_swapped_days_are_those_of_the_published_schedule(day: str, works: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is works


@pytest.mark.parametrize(("days", "unit"), [(10, DayUnit.CALENDAR), (5, DayUnit.WORKING)])
def test_the_window_over_may_day_2023_ends_on_the_sixth(days: int, unit: DayUnit) -> None:
    # DOMAIN 6.3: 27 April to 6 May inclusive are ten calendar days and five working days.
    for moment in ("2023-04-26T00:00", "2023-04-26T10:00", "2023-04-26T23:59:59"):
        assert window_end(local(moment), days, unit) == local("2023-05-07T00:00")


def test_the_day_is_that_of_beijing_not_of_the_server() -> None:
    late = datetime(2023, 4, 26, 17, 0, tzinfo=UTC)  # already the 27th in Beijing
    assert window_end(late, 1, DayUnit.CALENDAR) == local("2023-04-29T00:00")
    assert window_end(late, 1, DayUnit.CALENDAR).tzinfo is UTC


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 1400 * 86400).map(lambda s: FIRST + timedelta(seconds=s)),
    days=st.integers(1, 20),
)
def test_a_window_holds_as_many_full_days_as_it_says(start: datetime, days: int) -> None:
    begins = start.astimezone(PLACE).date()
    ends = {unit: window_end(start, days, unit).astimezone(PLACE) for unit in DayUnit}
    assert ends[DayUnit.CALENDAR].date() == begins + timedelta(days=days + 1)
    assert ends[DayUnit.WORKING] >= ends[DayUnit.CALENDAR]
    last = ends[DayUnit.WORKING].date()
    inside = (begins + timedelta(days=n) for n in range(1, (last - begins).days))
    assert sum(map(is_workday, inside)) == days
    assert is_workday(last - timedelta(days=1))
