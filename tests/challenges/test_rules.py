"""What a challenge may ask, when it may be published, and when it takes bids."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges import rules
from portal.challenges.rules import (
    DEFAULT_RUBRIC,
    ChallengeState,
    Operator,
    Phase,
    Target,
    accepts_bids,
    draft_problems,
    phase,
    plain,
    shown,
)
from portal.core.errors import Overtaken

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
VALUES = st.decimals(-(10**6), 10**6, places=6)
O = Operator  # noqa: E741 - many lines of a table


@settings(max_examples=150)
@given(a=VALUES, b=VALUES, measured=VALUES)
def test_a_target_is_met_exactly_by_what_it_asks(a: Decimal, b: Decimal, measured: Decimal) -> None:
    low, high = sorted((a, b))
    assert Target(O.AT_LEAST, a).is_met_by(measured) == (measured >= a)
    assert Target(O.AT_MOST, a).is_met_by(measured) == (measured <= a)
    assert Target(O.EQUAL, a).is_met_by(measured) == (measured == a)
    assert Target(O.BETWEEN, low, high).is_met_by(measured) == (low <= measured <= high)
    for operator in (O.AT_LEAST, O.AT_MOST, O.EQUAL):
        assert Target(operator, a).is_met_by(a)
    for edge in (low, high):
        assert Target(O.BETWEEN, low, high).is_met_by(edge)
    assert not Target(O.QUALITATIVE).is_met_by(measured)


@pytest.mark.parametrize("operator", list(Operator))
def test_nothing_is_met_without_a_value(operator: Operator) -> None:
    assert not Target(operator, Decimal(1), Decimal(2)).is_met_by(None)
    assert not Target(operator).is_met_by(Decimal(1))
    assert not Target(O.BETWEEN, Decimal(1)).is_met_by(Decimal(1))


def test_a_promise_moves_the_target_but_not_a_range_or_a_description() -> None:
    assert Target(O.AT_LEAST, Decimal(30)).promised(Decimal(60)) == Target(O.AT_LEAST, Decimal(60))
    span, words = Target(O.BETWEEN, Decimal(1), Decimal(2)), Target(O.QUALITATIVE)
    assert span.promised(Decimal("1.5")) == span
    assert words.promised(Decimal(1)) == words
    assert Target(O.AT_MOST, Decimal(16)).promised(None) == Target(O.AT_MOST, Decimal(16))


@pytest.mark.parametrize(
    ("target", "unit", "signs"),
    [
        (Target(O.AT_LEAST, Decimal("30.000000")), "帧/秒", "≥ 30 帧/秒"),
        (Target(O.AT_MOST, Decimal("0.300000")), "mm", "≤ 0.3 mm"),
        (Target(O.EQUAL, Decimal("0E-6")), "", "= 0"),
        (Target(O.BETWEEN, Decimal("1.50"), Decimal(200)), "路", "1.5–200 路"),
        (Target(O.QUALITATIVE), "路", ""),
    ],
)
def test_a_target_is_shown_in_signs(target: Target, unit: str, signs: str) -> None:
    assert shown(target, unit) == signs


@settings(max_examples=100)
@given(value=VALUES)
def test_a_number_is_shown_without_zeros_that_say_nothing(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert not ("." in text and text.endswith(("0", ".")))


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        (Target(O.AT_LEAST, Decimal(1)), []),
        (Target(O.AT_LEAST), ["value"]),
        (Target(O.EQUAL, Decimal(1), Decimal(2)), ["high"]),
        (Target(O.BETWEEN, Decimal(1), Decimal(2)), []),
        (Target(O.BETWEEN, Decimal(-2), Decimal(-1)), []),
        (Target(O.BETWEEN, Decimal(1)), ["high"]),
        (Target(O.BETWEEN, Decimal(1), Decimal(1)), ["high"]),
        (Target(O.BETWEEN, Decimal(2), Decimal(1)), ["high"]),
        (Target(O.BETWEEN), ["value", "high"]),
        (Target(O.QUALITATIVE), []),
        (Target(O.QUALITATIVE, Decimal(0)), ["value"]),
        (Target(O.QUALITATIVE, None, Decimal(0)), ["high"]),
    ],
)
def test_a_target_that_contradicts_itself_is_named_at_its_field(
    target: Target, fields: list[str]
) -> None:
    good = Target(O.AT_MOST, Decimal(0))
    found = [problem.at for problem in draft_problems([good, target])]
    assert found == [f"indicators.1.{name}" for name in fields]


def at(problems: list[rules.Problem]) -> list[str]:
    return [problem.as_error().field for problem in problems]


@pytest.mark.parametrize("state", list(ChallengeState))
def test_only_a_published_challenge_takes_bids_and_the_closing_instant_is_late(
    state: ChallengeState,
) -> None:
    instant = timedelta(microseconds=1)
    published = state is ChallengeState.PUBLISHED
    assert accepts_bids(state, NOW, NOW - instant) is published
    assert not accepts_bids(state, NOW, NOW)
    assert not accepts_bids(state, NOW, NOW + instant)
    assert not accepts_bids(state, None, NOW)


def test_every_state_has_its_phase_and_time_alone_closes() -> None:
    phases = {state: phase(state, NOW, NOW + DAY) for state in ChallengeState}
    assert phases[ChallengeState.PUBLISHED] is Phase.CLOSED
    assert phase(ChallengeState.PUBLISHED, NOW, NOW - DAY) is Phase.OPEN
    assert phase(ChallengeState.PUBLISHED, NOW, NOW) is Phase.CLOSED
    assert len(set(phases.values())) == len(ChallengeState)


def test_a_reason_has_at_least_ten_characters_that_are_not_space() -> None:
    assert rules.reason_problems("一二三四五六七八九十") == []
    short = rules.reason_problems("  一二三四五六七八九   ")
    assert at(short) == ["reason"]
    assert "10" in str(short[0].as_error())


def test_the_default_rubric_sums_to_100() -> None:
    assert sum(line.weight for line in DEFAULT_RUBRIC) == 100


@settings(max_examples=60)
@given(present=st.integers(0, 9), seen=st.integers(0, 9))
def test_what_was_not_seen_is_not_overwritten(present: int, seen: int) -> None:
    refusals = [(rules.require_seen, (present, seen), present != seen)]
    refusals += [(rules.require_unchanged_since, (seen, present), present > seen)]
    for rule, facts, is_refused in refusals:
        with pytest.raises(Overtaken) if is_refused else nullcontext():
            rule(*facts)


@settings(max_examples=50)
@given(proposer=st.uuids(), person=st.uuids())
def test_nobody_is_their_own_second_pair_of_eyes(proposer: UUID, person: UUID) -> None:
    assert not rules.is_second_pair_of_eyes(proposer, proposer)
    assert rules.is_second_pair_of_eyes(proposer, person) is (proposer != person)
