"""Whom a panel hears, when, whether enough are there, and the order that comes of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.drawn import shuffled
from portal.reviews.draws.rules import permutation
from portal.reviews.panels.combining import (
    Scored,
    Voted,
    Weighing,
    by_ballot,
    by_scores,
    combined,
)
from portal.reviews.panels.rules import (
    LABEL,
    Online,
    Timetable,
    TurnState,
    is_carried,
    quorum,
    shortlist,
    step_minutes,
)

pure = settings(max_examples=100)
NINE = datetime(2026, 5, 6, 1, tzinfo=UTC)
DAY = Timetable(NINE, talk=15, questions=10, judging=5, pause=10)
points = st.decimals(0, 100, places=2)


def online(*means: str, mark: int = 70) -> list[Online]:
    """Bids 1, 2, ... of the online review, best first; equal means share a place."""
    values = [Decimal(mean) for mean in means]
    return [
        Online(UUID(int=number), 1 + sum(other > mean for other in values), mean, mean >= mark)
        for number, mean in enumerate(values, start=1)
    ]


def numbers(found: list[Online]) -> list[int]:
    return [one.bid_id.int for one in found]


@pytest.mark.parametrize(
    ("first", "least", "heard"),
    [
        (3, "0", [1, 2, 3]),
        (0, "0", [1, 2, 3, 4, 5]),
        (0, "80", [1, 2, 3]),
        (2, "81", [1]),
        (4, "0", [1, 2, 3, 4, 5]),
    ],
)
def test_the_first_that_passed_and_have_the_points_are_heard_and_ties_at_the_end_too(
    first: int, least: str, heard: list[int]
) -> None:
    ranked = online("90", "80.5", "80", "75", "75", "69.99")
    assert numbers(shortlist(ranked, first, Decimal(least))) == heard


def test_turns_follow_one_another_with_breaks_and_none_behind_the_last() -> None:
    assert list(DAY.slots(3)) == [NINE + timedelta(minutes=one) for one in (0, 40, 80)]
    assert DAY.ends_at(3) == NINE + timedelta(minutes=110)
    assert DAY.ends_at(0) == NINE
    assert DAY.fits(18)
    assert not DAY.fits(19)
    assert [step_minutes(DAY, state) for state in TurnState] == [0, 15, 10, 5, 0, 0]


@pytest.mark.parametrize(("seats", "needed"), [(3, 2), (5, 4), (7, 5), (9, 6), (15, 10)])
def test_two_thirds_of_the_members_make_a_quorum(seats: int, needed: int) -> None:
    assert quorum(seats) == needed


@pytest.mark.parametrize(
    ("yes", "entitled", "carried"),
    [(2, 3, True), (3, 5, False), (4, 5, True), (4, 6, True), (4, 7, False), (0, 0, False)],
)
def test_a_ballot_needs_two_thirds_of_those_entitled_exactly(
    yes: int, entitled: int, carried: bool
) -> None:
    assert is_carried(yes, entitled) is carried


def test_the_teams_order_is_that_of_the_draws_stream_as_the_verifier_has_it() -> None:
    seed, bids = bytes(range(32)), [str(UUID(int=one)) for one in range(1, 9)]
    order = permutation(seed, LABEL, bids)
    assert order == shuffled(seed, LABEL, list(reversed(bids)))
    assert sorted(order) == sorted(bids)
    assert [UUID(one).int for one in order] == [4, 1, 2, 6, 3, 5, 8, 7]


def test_forty_and_sixty_percent_are_exact_and_halves_go_up() -> None:
    assert combined(Decimal("80.01"), Decimal("90.02"), 60) == Decimal("86.02")
    assert combined(Decimal("80.00"), Decimal("80.01"), 50) == Decimal("80.01")
    assert combined(Decimal("71.30"), Decimal("88.80"), 100) == Decimal("88.80")


@pure
@given(points, points, st.integers(1, 100))
def test_a_combined_score_lies_between_the_two(one: Decimal, two: Decimal, weight: int) -> None:
    assert min(one, two) <= combined(one, two, weight) <= max(one, two)


def scored(mean: str, first: str = "20") -> Scored:
    return Scored(Decimal(mean), (Decimal(first),))


WEIGHING = Weighing(panel=60, pass_mark=Decimal(70))


def test_scores_are_weighed_and_who_was_not_heard_comes_behind_unpassed() -> None:
    ranked = online("90", "88", "86", "85")
    heard = {
        UUID(int=1): scored("70.67"),
        UUID(int=2): scored("91"),
    }
    places = by_scores(ranked, heard, [UUID(int=3)], WEIGHING)
    found = [(one.bid_id.int, one.place, str(one.mean), one.passed) for one in places]
    assert found == [
        (2, 1, "89.80", True),
        (1, 2, "78.40", True),
        (3, 3, "86", False),
        (4, 4, "85", False),
    ]


def test_below_the_mark_nobody_passes() -> None:
    ranked, mark = online("70", "70"), {UUID(int=1): scored("70"), UUID(int=2): scored("69.99")}
    places = by_scores(ranked, mark, [], WEIGHING)
    assert [(str(one.mean), one.passed) for one in places] == [("70.00", True), ("69.99", False)]


def test_equals_are_told_apart_by_the_first_criterion_else_they_are_tied() -> None:
    ranked = online("80", "80", "80")
    heard = {UUID(int=n): scored("80") for n in (1, 3)}
    heard[UUID(int=2)] = scored("80", first="21")
    places = by_scores(ranked, heard, [], WEIGHING)
    assert [(one.bid_id.int, one.place, one.tied) for one in places] == [
        (2, 1, False),
        (1, 2, True),
        (3, 2, True),
    ]


def test_a_ballot_puts_those_it_is_for_first_and_keeps_the_online_order_among_them() -> None:
    ranked = online("90", "88", "86", "85")
    heard = {
        UUID(int=1): Voted(yes=3, entitled=5),
        UUID(int=2): Voted(yes=4, entitled=5),
        UUID(int=3): Voted(yes=5, entitled=5),
    }
    places = by_ballot(ranked, heard, [])
    assert [(one.bid_id.int, one.place, one.passed) for one in places] == [
        (2, 1, True),
        (3, 2, True),
        (1, 3, False),
        (4, 4, False),
    ]
    assert [str(one.mean) for one in places] == ["88", "86", "90", "85"]


@pure
@given(st.lists(st.tuples(points, st.integers(0, 2), points), min_size=1, max_size=7), st.randoms())
def test_every_bid_has_one_place_whatever_the_order_of_input(rows, random) -> None:
    ranked = online(*(str(mean) for mean, _, _ in rows))
    heard, absent = {}, []
    for one, (_, kind, total) in zip(ranked, rows, strict=True):
        if kind == 0:
            heard[one.bid_id] = Scored(total, (total,))
        elif kind == 1:
            absent.append(one.bid_id)
    places = by_scores(ranked, heard, absent, WEIGHING)
    mixed = ranked[:]
    random.shuffle(mixed)
    assert by_scores(mixed, heard, absent, WEIGHING) == places
    assert {one.bid_id for one in places} == {one.bid_id for one in ranked}
    assert all(one.place == 1 + sum(o.place < one.place for o in places) for one in places)
    assert not any(one.passed for one in places if one.bid_id not in heard)
