"""The ranking's arithmetic and the draw's order."""

from decimal import Decimal
from fractions import Fraction
from math import floor
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.reviews.rankings.rules import BidScores, Rule, rank, trimmed_mean
from portal.reviews.sheets.rules import reason_is_due

scores = st.lists(st.decimals(0, 100, places=1), min_size=1, max_size=9)
pure = settings(max_examples=100)


def decimals(*values) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


def test_the_published_vector():
    assert trimmed_mean(decimals(88, 92, 75, 90, 61), 5) == Decimal("84.33")


def test_four_sheets_are_not_trimmed():
    assert trimmed_mean(decimals(60, 70, 80, 91), 5) == Decimal("75.25")


@pure
@given(scores)
def test_a_mean_lies_between_the_extremes_and_ignores_the_order(values):
    mean = trimmed_mean(values, 5)
    assert min(values) <= mean <= max(values)
    assert mean == trimmed_mean(list(reversed(values)), 5)


@pure
@given(st.lists(scores, min_size=1, max_size=6))
def test_places_follow_the_means_and_are_the_same_for_any_order_of_input(sheets):
    bids = [BidScores(UUID(int=i), tuple(s), (tuple(s),)) for i, s in enumerate(sheets, 1)]
    places = rank(bids, Rule())
    assert places == rank(list(reversed(bids)), Rule())
    assert [p.mean for p in places] == sorted((p.mean for p in places), reverse=True)
    assert {p.passed for p in places if p.mean >= 70} <= {True}


def test_ties_are_broken_by_the_first_criterion_and_else_flagged():
    one, two, three = uuid4(), uuid4(), uuid4()
    total = decimals(80, 80, 80)
    bids = [
        BidScores(one, total, (decimals(20, 20, 20),)),
        BidScores(two, total, (decimals(22, 22, 22),)),
        BidScores(three, total, (decimals(20, 20, 20),)),
    ]
    places = {p.bid_id: p for p in rank(bids, Rule())}
    assert places[two].place == 1
    assert not places[two].tied
    assert places[one].place == places[three].place == 2
    assert places[one].tied


def test_extreme_points_need_a_reason():
    assert reason_is_due(Decimal("14.5"), 25)
    assert not reason_is_due(Decimal(15), 25)
    assert not reason_is_due(Decimal("22.5"), 25)
    assert reason_is_due(Decimal(23), 25)


@pure
@given(scores, st.integers(3, 9))
@example([Decimal("80.00"), Decimal("80.01")], 3)
def test_the_mean_is_exact_to_the_cent_half_up_and_trims_one_at_each_end(values, trim_from):
    kept = sorted(values)[1:-1] if len(values) >= trim_from else values
    exact = sum((Fraction(value) for value in kept), Fraction(0)) / len(kept)
    mean = trimmed_mean(values, trim_from)
    assert Fraction(mean) * 100 == floor(exact * 100 + Fraction(1, 2))
    assert mean == mean.quantize(Decimal("0.01"))


@pure
@given(st.lists(st.decimals(0, 100, places=1), min_size=5, max_size=9), st.data())
def test_one_reviewer_out_of_line_does_not_move_the_mean_past_the_others(values, data):
    place = data.draw(st.integers(0, len(values) - 1))
    rest = [*values[:place], *values[place + 1 :]]
    for extreme in (Decimal(0), Decimal(100)):
        mean = trimmed_mean([*rest, extreme], 5)
        assert min(rest) <= mean <= max(rest)


@pytest.mark.parametrize("mean", ["69.99", "70.00", "70.01"])
def test_the_pass_mark_itself_passes(mean):
    bid = BidScores(uuid4(), decimals(mean), (decimals(20),))
    place = rank([bid], Rule(pass_mark=Decimal(70)))[0]
    assert place.passed == (Decimal(mean) >= 70)


def test_bids_with_the_same_mean_are_told_apart_by_what_the_rule_names_in_its_order():
    # The first criterion decides; then the mean without trimming; then nothing does.
    first = BidScores(UUID(int=4), decimals(70, 80, 80, 80, 90), (decimals(20, 20, 20, 20, 20),))
    second = BidScores(UUID(int=3), decimals(75, 80, 80, 80, 90), (decimals(18, 18, 18, 18, 18),))
    third = BidScores(UUID(int=2), decimals(70, 80, 80, 80, 90), (decimals(18, 18, 18, 18, 18),))
    twin = BidScores(UUID(int=1), third.totals, third.criteria)
    found = rank([twin, third, second, first], Rule())
    assert [(p.bid_id.int, p.place, p.tied) for p in found] == [
        (4, 1, False),
        (3, 2, False),
        (1, 3, True),
        (2, 3, True),
    ]
    assert {p.mean for p in found} == {Decimal("80.00")}


@pure
@given(st.lists(scores, min_size=1, max_size=6))
def test_a_place_is_one_more_than_the_number_of_better_bids(sheets):
    bids = [BidScores(UUID(int=i), tuple(s), (tuple(s),)) for i, s in enumerate(sheets, 1)]
    places = rank(bids, Rule())
    assert sorted(p.bid_id for p in places) == sorted(bid.bid_id for bid in bids)
    for place in places:
        same = [p for p in places if p.place == place.place]
        assert place.tied == (len(same) > 1)
        assert place.place == 1 + sum(p.place < place.place for p in places)


def test_no_scores_have_no_mean():
    with pytest.raises(ValueError, match="no scores"):
        trimmed_mean([], 5)
