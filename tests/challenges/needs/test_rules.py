"""What a need must say, which needs take others in, and what ratings come to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges.needs import rules
from portal.challenges.needs.rules import (
    HIGHEST,
    LOWEST,
    NEED_MOVES,
    NEEDED,
    OPEN_STATES,
    TEXT_MINIMUM,
    Aspect,
    NeedState,
    PainPoint,
    lacking,
    mean,
    rating_problems,
    reason_problem,
)

RATINGS = st.lists(st.integers(LOWEST, HIGHEST), max_size=30)
TEXTS = st.text(st.sampled_from("需求 \n"), max_size=5)


@settings(max_examples=150)
@given(st.fixed_dictionaries(dict.fromkeys(NEEDED, TEXTS)), st.lists(st.sampled_from(PainPoint)))
def test_a_need_is_handed_in_only_when_every_part_is_filled(
    filled: dict[str, str], points: list[PainPoint]
) -> None:
    found = {one.as_error().field for one in lacking(filled, points)}
    empty = {name for name, text in filled.items() if not text.strip()}
    assert found == empty | (set() if points else {"pain_points"})


def test_what_is_not_there_at_all_is_lacking() -> None:
    assert [one.at for one in lacking({}, [])] == [*NEEDED, "pain_points"]


@settings(max_examples=100)
@given(st.text(st.sampled_from("由 \t"), max_size=60))
def test_an_owner_is_given_at_least_twenty_characters(text: str) -> None:
    problem = reason_problem(text)
    assert (problem is None) == (len(text.strip()) >= TEXT_MINIMUM)
    assert problem is None or problem.field == "answer"


@settings(max_examples=200)
@given(RATINGS)
def test_the_mean_of_ratings_lies_among_them_and_is_exact_to_a_tenth(ratings: list[int]) -> None:
    found = mean(ratings)
    if not ratings:
        assert found is None
        return
    assert found is not None
    assert min(ratings) <= found <= max(ratings)
    assert abs(found - Decimal(sum(ratings)) / len(ratings)) <= Decimal("0.05")
    assert found == mean(reversed(ratings))


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(Aspect), st.one_of(st.none(), st.integers(LOWEST - 3, HIGHEST + 3))
    )
)
def test_an_opinion_rates_all_four_aspects_from_one_to_five(
    ratings: dict[Aspect, int | None],
) -> None:
    found = {problem.field for problem in rating_problems(ratings)}
    right = {aspect.value for aspect, n in ratings.items() if n is not None and 1 <= n <= 5}
    assert found == {aspect.value for aspect in Aspect} - right


@settings(max_examples=60)
@given(st.integers(0, 2000 * 24 * 60))
def test_an_expert_has_ten_full_days(minutes: int) -> None:
    asked_at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    days = (rules.answer_by(asked_at) - asked_at) / timedelta(days=1)
    assert rules.OPINION_DAYS <= days <= rules.OPINION_DAYS + 1


def test_only_open_needs_are_merged_or_closed_and_none_comes_back() -> None:
    for act in ("merge", "answer", "decline"):
        assert {s for s in NeedState if NEED_MOVES.allows(s, act)} == OPEN_STATES
        assert NEED_MOVES.is_final(NEED_MOVES.after(NeedState.TAKEN_UP, act))


@pytest.mark.parametrize(("number", "shown"), [(1, "XQ-2026-0001"), (12345, "XQ-2026-12345")])
def test_a_need_has_a_number_that_people_can_say(number: int, shown: str) -> None:
    assert rules.code(2026, number) == shown
