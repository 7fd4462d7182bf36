"""What an amendment does to the deadline, what is material, and what keeps one from being made."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges.amendments import rules
from portal.challenges.amendments.difference import difference
from portal.challenges.amendments.rules import Window, is_material, new_deadline
from portal.challenges.rules import ChallengeState
from portal.core.workdays import PLACE, is_workday

NOW = datetime(2026, 9, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = st.integers(0, 700 * 24).map(lambda hours: NOW + timedelta(hours=hours))
CLOSINGS = st.timedeltas(-30 * DAY, 60 * DAY)
DAYS = st.integers(0, 30)


@given(MOMENTS, CLOSINGS, DAYS, st.none() | CLOSINGS, st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_deadline_is_never_shortened(
    now: datetime, left: timedelta, days: int, wish: timedelta | None, material: bool
) -> None:
    window = Window(now + left, days)
    wished = None if wish is None else now + wish
    made = new_deadline(window, wished, material, now)
    assert made >= window.closes_at
    assert wished is None or made >= wished


@given(MOMENTS, CLOSINGS, DAYS, st.none() | CLOSINGS, st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_days_remain_after_a_material_or_late_amendment(
    now: datetime, left: timedelta, days: int, wish: timedelta | None, material: bool
) -> None:
    window = Window(now + left, days)
    wished = None if wish is None else now + wish
    made = new_deadline(window, wished, material, now)
    if material or window.is_late(now):
        assert not Window(made, days).is_late(now)
    if not material and not window.is_late(now):
        assert made == max(window.closes_at, wished or window.closes_at)


@given(MOMENTS, CLOSINGS, DAYS)
@settings(max_examples=100, deadline=None)
def test_a_deadline_moves_no_further_than_the_next_working_day(
    now: datetime, left: timedelta, days: int
) -> None:
    window = Window(now + left, days)
    made = new_deadline(window, None, True, now)
    if made != window.closes_at:
        assert is_workday(made.astimezone(PLACE).date())
        assert made.astimezone(PLACE).time() == window.closes_at.astimezone(PLACE).time()
        earliest = now + timedelta(days=days)
        assert earliest <= made <= earliest + 12 * DAY


def test_a_late_amendment_moves_the_deadline_to_the_same_hour_of_a_working_day() -> None:
    closes = datetime(2026, 9, 10, 17, tzinfo=PLACE)
    made = new_deadline(Window(closes, 15), None, False, NOW)
    assert made == datetime(2026, 9, 16, 17, tzinfo=PLACE)
    holiday = datetime(2026, 9, 20, 12, tzinfo=PLACE)
    over = new_deadline(Window(closes, 15), None, True, holiday.astimezone(UTC))
    assert over == datetime(2026, 10, 8, 17, tzinfo=PLACE), "the first week of October is free"


def test_in_good_time_the_deadline_stays() -> None:
    window = Window(NOW + 15 * DAY, 15)
    assert new_deadline(window, None, True, NOW) == window.closes_at
    second = timedelta(seconds=1)
    assert new_deadline(window, None, False, NOW + second) > window.closes_at


@pytest.mark.parametrize(
    ("changed", "material"),
    [
        ([], False),
        (["title", "summary_en", "contact_phone", "closes_at"], False),
        (["title", "indicators"], True),
        (["funds"], True),
        (["criteria"], True),
        (["winners"], True),
        (["race"], True),
        (["scenario_site"], True),
        (["partners_max"], True),
        (["something_that_is_added_next_year"], True),
    ],
)
def test_whatever_may_change_a_bid_is_material(changed: list[str], material: bool) -> None:
    assert is_material(changed) is material


@given(st.timedeltas(-20 * DAY, 20 * DAY), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_wish_for_an_earlier_deadline_is_refused(step: timedelta, is_extension: bool) -> None:
    before = NOW + 10 * DAY
    found = rules.deadline_problems(before, before + step, is_extension, NOW)
    assert all(problem.at == "closes_at" for problem in found)
    none = timedelta(0)
    assert bool(found) == (step < none or (is_extension and step == none))


def test_an_extension_needs_a_deadline_ahead_and_within_reason() -> None:
    before = NOW - DAY
    assert rules.deadline_problems(before, None, True, NOW)
    assert rules.deadline_problems(before, None, False, NOW), "nor does a change leave it blank"
    assert rules.deadline_problems(before, NOW, True, NOW)
    assert not rules.deadline_problems(before, NOW + DAY, True, NOW)
    assert rules.deadline_problems(before, NOW + 5000 * DAY, True, NOW)


def test_an_amendment_needs_a_change_and_a_reason() -> None:
    change = difference({"months": 24}, {"months": 30})
    assert not rules.change_problems(change, "应用场景建设周期延长六个月。", 10)
    missing = rules.change_problems(difference({}, {}), " 太短 ", 10)
    assert [problem.at for problem in missing] == ["changes", "reason"]


@pytest.mark.parametrize("state", list(ChallengeState))
def test_the_sheet_is_amended_until_the_deadline_and_extended_until_the_opening(
    state: ChallengeState,
) -> None:
    published = state is ChallengeState.PUBLISHED
    assert rules.may_change_now(state, NOW + DAY, NOW) is published
    assert not rules.may_change_now(state, NOW, NOW)
    assert rules.may_extend_now(state, None) is published
    assert not rules.may_extend_now(state, NOW)


def test_fewer_bids_than_asked_are_too_few() -> None:
    assert rules.are_too_few(0, 1)
    assert not rules.are_too_few(1, 1)
    assert rules.are_too_few(2, 3)
