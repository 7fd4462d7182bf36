"""When a bid may be changed, handed in, opened."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bids import rules
from portal.bids.rules import (
    ALIVE,
    OPENED_STATES,
    BidState,
)
from portal.core.errors import DeadlinePassed, IllegalMove, TooEarly

CLOSES = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize("state", list(BidState))
def test_a_bid_is_changed_until_the_closing_instant_and_only_before_its_opening(
    state: BidState,
) -> None:
    open_states = {BidState.DRAFT, BidState.SUBMITTED, BidState.WITHDRAWN}
    assert rules.may_be_changed(state, CLOSES, CLOSES - INSTANT) is (state in open_states)
    assert not rules.may_be_changed(state, CLOSES, CLOSES)
    assert not (state in open_states and state in OPENED_STATES)


def test_a_bid_at_the_closing_instant_is_late() -> None:
    rules.require_in_time(CLOSES, CLOSES - INSTANT)
    for closes_at, stamp in ((CLOSES, CLOSES), (CLOSES, CLOSES + INSTANT), (None, CLOSES)):
        with pytest.raises(DeadlinePassed):
            rules.require_in_time(closes_at, stamp)


def test_bids_are_opened_a_grace_after_the_deadline_and_not_before() -> None:
    due = rules.opens_at(CLOSES)
    assert due - CLOSES == rules.OPENING_GRACE > timedelta(0)
    rules.require_openable(CLOSES, due)
    for closes_at, now in ((CLOSES, due - INSTANT), (CLOSES, CLOSES), (None, due)):
        with pytest.raises(TooEarly):
            rules.require_openable(closes_at, now)


@pytest.mark.parametrize("state", list(BidState))
def test_a_challenge_is_not_given_up_while_a_bid_may_win(state: BidState) -> None:
    rules.require_hopeless({}, 1)
    rules.require_hopeless({state: 0}, 1)
    if state not in ALIVE:
        rules.require_hopeless({state: 3}, 1)
        return
    with pytest.raises(IllegalMove):
        rules.require_hopeless({BidState.WITHDRAWN: 2, state: 1}, 1)


@given(st.dictionaries(st.sampled_from(list(BidState)), st.integers(0, 4)), st.integers(1, 5))
def test_a_challenge_is_given_up_when_fewer_may_win_than_it_asks_for(
    tally: dict[BidState, int], least: int
) -> None:
    alive = sum(count for state, count in tally.items() if state in ALIVE)
    assert rules.is_hopeful(tally, least) == (alive >= least)


@given(st.integers(0, 6), st.integers(1, 6))
def test_bids_are_opened_when_there_are_as_many_as_the_challenge_asks_for(
    handed_in: int, least: int
) -> None:
    if handed_in >= least:
        rules.require_enough(handed_in, least)
        return
    with pytest.raises(IllegalMove):
        rules.require_enough(handed_in, least)


def test_nobody_else_reads_in_the_states_before_the_opening() -> None:
    closed = {BidState.DRAFT, BidState.SUBMITTED, BidState.WITHDRAWN, BidState.SET_ASIDE}
    assert set(BidState) - OPENED_STATES == closed
