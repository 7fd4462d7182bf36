"""The ranking's arithmetic and the draw's order."""

from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from portal.reviews.ranking import BidScores, Rule, draw_order, next_in_order, rank, trimmed_mean
from portal.reviews.rules import reason_is_due

scores = st.lists(st.decimals(0, 100, places=1), min_size=1, max_size=9)


def decimals(*values) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


def test_the_published_vector():
    assert trimmed_mean(decimals(88, 92, 75, 90, 61), 5) == Decimal("84.33")


def test_four_sheets_are_not_trimmed():
    assert trimmed_mean(decimals(60, 70, 80, 91), 5) == Decimal("75.25")


@given(scores)
def test_a_mean_lies_between_the_extremes_and_ignores_the_order(values):
    mean = trimmed_mean(values, 5)
    assert min(values) <= mean <= max(values)
    assert mean == trimmed_mean(list(reversed(values)), 5)


@given(st.lists(scores, min_size=1, max_size=6))
def test_places_follow_the_means_and_are_the_same_for_any_order_of_input(sheets):
    bids = [BidScores(UUID(int=i), tuple(s), tuple(s)) for i, s in enumerate(sheets, 1)]
    places = rank(bids, Rule())
    assert places == rank(list(reversed(bids)), Rule())
    assert [p.mean for p in places] == sorted((p.mean for p in places), reverse=True)
    assert {p.passed for p in places if p.mean >= 70} <= {True}


def test_ties_are_broken_by_the_first_criterion_and_else_flagged():
    one, two, three = uuid4(), uuid4(), uuid4()
    total = decimals(80, 80, 80)
    bids = [
        BidScores(one, total, decimals(20, 20, 20)),
        BidScores(two, total, decimals(22, 22, 22)),
        BidScores(three, total, decimals(20, 20, 20)),
    ]
    places = {p.bid_id: p for p in rank(bids, Rule())}
    assert places[two].place == 1
    assert not places[two].tied
    assert places[one].place == places[three].place == 2
    assert places[one].tied


def test_the_draw_can_be_run_again_and_skips_seated_organisations():
    people = [uuid4() for _ in range(8)]
    order = draw_order("seed", people)
    assert order == draw_order("seed", list(reversed(people)))
    homes = {person: UUID(int=i // 2) for i, person in enumerate(people)}
    first = next_in_order(order, homes, set(), set())
    assert first == order[0]
    second = next_in_order(order, homes, {first}, {homes[first]})
    assert homes[second] != homes[first]
    assert next_in_order(order, homes, set(people), set()) is None


def test_extreme_points_need_a_reason():
    assert reason_is_due(Decimal("14.5"), 25)
    assert not reason_is_due(Decimal(15), 25)
    assert not reason_is_due(Decimal("22.5"), 25)
    assert reason_is_due(Decimal(23), 25)
