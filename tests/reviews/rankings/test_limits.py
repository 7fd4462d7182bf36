"""When sheets are far apart, and whom that concerns."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.reviews.rankings.disagreement.rules import Limits, Marked, disagreement

WEIGHTS = (60, 40)
LIMITS = Limits(spread=30, distance=20, criterion=0)
marks = st.lists(
    st.tuples(st.decimals(0, 60, places=1), st.decimals(0, 40, places=1)), min_size=2, max_size=9
)


def sheets(*pairs: tuple[object, object]) -> list[Marked]:
    rows = [(Decimal(str(one)), Decimal(str(two))) for one, two in pairs]
    return [Marked(UUID(int=at), sum(row, Decimal(0)), row) for at, row in enumerate(rows, 1)]


def told(found) -> list[int]:
    return sorted(seat.int for seat in found.seats)


@pytest.mark.parametrize(("low", "apart"), [(50, True), ("50.01", False), (49, True)])
def test_the_limit_of_the_spread_itself_is_far_apart(low, apart):
    found = disagreement(sheets((50, 30), (45, 20), (low, 0)), WEIGHTS, Limits(30, 0, 0))
    assert (found is not None) == apart
    if found:
        assert told(found) == [1, 3]


def test_who_is_far_from_the_median_is_concerned_and_nobody_else():
    found = disagreement(sheets((50, 30), (50, 28), (34, 24), (49, 30), (48, 30)), WEIGHTS, LIMITS)
    assert told(found) == [3]
    assert (found.spread, found.distance) == (22, 20)


def test_a_criterion_is_looked_at_by_its_share_of_the_points():
    apart = sheets((50, 10), (50, 34), (50, 20))
    assert disagreement(apart, WEIGHTS, Limits(0, 0, 60)).criteria == (1,)
    assert told(disagreement(apart, WEIGHTS, Limits(0, 0, 60))) == [1, 2]
    assert disagreement(apart, WEIGHTS, Limits(0, 0, 61)) is None


def test_one_sheet_agrees_with_itself():
    assert disagreement(sheets((60, 40)), WEIGHTS, Limits(1, 1, 1)) is None


@settings(max_examples=100)
@given(marks)
def test_nothing_is_found_where_no_limit_is_set_and_the_order_of_sheets_does_not_matter(rows):
    given_sheets = sheets(*rows)
    assert disagreement(given_sheets, WEIGHTS, Limits(0, 0, 0)) is None
    assert disagreement(given_sheets, WEIGHTS, LIMITS) == disagreement(
        given_sheets[::-1], WEIGHTS, LIMITS
    )


@settings(max_examples=100)
@given(marks, st.integers(1, 50))
def test_a_stricter_limit_finds_all_that_a_looser_one_finds(rows, more):
    loose = disagreement(sheets(*rows), WEIGHTS, Limits(more + 10, more + 5, 80))
    strict = disagreement(sheets(*rows), WEIGHTS, Limits(more, more, 40))
    if loose is not None:
        assert strict is not None
        assert loose.seats <= strict.seats
