"""A loss is declared with a reason and a time, decided by another person, over at its date."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bids.losses import rules
from portal.bids.rules import REASON_MINIMUM

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@given(st.text(max_size=60), st.integers(-5, 60))
def test_a_declaration_needs_a_reason_and_some_working_days(reason: str, days: int) -> None:
    fields = [one.field for one in rules.declaring_problems(reason, days)]
    assert ("reason" in fields) is (len(reason.strip()) < REASON_MINIMUM)
    assert ("days" in fields) is not (rules.DAYS_LEAST <= days <= rules.DAYS_MOST)


@pytest.mark.parametrize("days", [rules.DAYS_LEAST, rules.DAYS, rules.DAYS_MOST])
def test_teams_have_so_many_full_working_days(days: int) -> None:
    assert rules.until(NOW, days) - NOW >= timedelta(days=days)


def test_nobody_decides_on_their_own_declaration() -> None:
    me = uuid4()
    assert not rules.is_second_person(me, me)
    assert rules.is_second_person(me, uuid4())


@pytest.mark.parametrize(
    ("later", "waiting", "over"), [(-1, 1, False), (0, 1, True), (-1, 0, True)]
)
def test_it_is_over_at_its_date_or_once_nothing_waits(later: int, waiting: int, over: bool) -> None:
    assert rules.is_over(NOW, waiting, NOW + timedelta(microseconds=later)) is over
