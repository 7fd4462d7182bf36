"""Three custodians of three bodies, their day, and how long a share pauses after wrong tries."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.challenges.keys import rules
from portal.challenges.keys.rules import HOLDERS, PAUSE, TRIES, Candidate, ShareState

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


def candidate(person: UUID, home: UUID) -> Candidate:
    return Candidate(person, "保管人", home, "机构")


@given(
    st.tuples(*[st.none() | st.tuples(st.integers(0, 3), st.integers(0, 3)) for _ in HOLDERS]),
)
def test_three_people_of_three_bodies_and_nothing_else_will_do(
    drawn: tuple[tuple[int, int] | None, ...],
) -> None:
    chosen = {
        holder: candidate(UUID(int=one[0]), UUID(int=10 + one[1])) if one else None
        for holder, one in zip(HOLDERS, drawn, strict=True)
    }
    there = [one for one in drawn if one]
    fits = len(there) == 3 and all(len({one[i] for one in there}) == 3 for i in (0, 1))
    assert (rules.naming_problems(chosen) == []) is fits


def test_what_is_wrong_is_said_at_the_holder() -> None:
    person, home = uuid4(), uuid4()
    same_person = {1: candidate(person, uuid4()), 2: candidate(person, uuid4()), 3: None}
    found = rules.naming_problems(same_person)
    assert [one.field for one in found] == ["audit", "escrow"]
    same_home = {1: candidate(uuid4(), home), 2: None, 3: candidate(uuid4(), home)}
    assert [one.field for one in rules.naming_problems(same_home)] == ["audit", "escrow"]


@pytest.mark.parametrize("states", list(product(ShareState, repeat=3)), ids=str)
def test_the_key_is_made_when_all_three_are_proven(states: tuple[ShareState, ...]) -> None:
    assert rules.is_complete(states) is (set(states) == {ShareState.PROVEN})


def test_two_proven_shares_are_not_three() -> None:
    assert not rules.is_complete([ShareState.PROVEN] * 2)


def test_the_day_begins_with_publishing_or_with_being_named_later() -> None:
    day, hour = timedelta(hours=24), timedelta(hours=1)
    assert rules.proof_due(NOW, None) is None
    assert rules.proof_due(NOW, NOW - hour) == NOW + day
    assert rules.proof_due(NOW, NOW + hour) == NOW + hour + day


def test_wrong_tries_in_a_row_make_a_pause_which_then_forgives() -> None:
    wrong, at = 0, NOW
    for number in range(1, TRIES + 1):
        wrong = rules.wrong_after(wrong, at, at)
        assert wrong == number
        assert (rules.paused_until(wrong, at, at) is None) is (number < TRIES)
    assert rules.paused_until(wrong, at, at + PAUSE - timedelta(seconds=1)) == at + PAUSE
    assert rules.paused_until(wrong, at, at + PAUSE) is None
    assert rules.wrong_after(wrong, at, at + PAUSE) == 1
    assert rules.paused_until(TRIES, None, at) is None


def test_the_groups_that_are_mistyped_are_named() -> None:
    one = rules.mistyped((3, 11), "share")
    assert (one.field, one.message.parameters) == ("share", {"groups": "3, 11"})
    assert rules.mistyped((), "share").message.parameters == {}
