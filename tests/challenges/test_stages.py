"""The stage line: where a challenge stands, with the dates that are known."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.challenges.models import Challenge
from portal.challenges.rules import CHALLENGE_MOVES, ChallengeState, Phase
from portal.challenges.stages import AWARD, BIDDING, LINE, NEXT, advance, next_sentence, stages_of
from portal.core.errors import IllegalMove

T = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WAY = ("approve", "open", "review", "rank", "notice", "award", "complete")


def walked(*actions: str) -> Challenge:
    """A proposed challenge that took one action a day, with its deadline after ten."""
    challenge = Challenge(state=ChallengeState.PROPOSED, closes_at=T + 10 * DAY, reached={})
    for day, action in enumerate(actions):
        advance(challenge, action, T + day * DAY)
    return challenge


@pytest.mark.parametrize("taken", range(len(WAY) + 1))
def test_stages_are_past_now_and_next_in_this_order(taken):
    line = stages_of(walked(*WAY[:taken]), T + 9 * DAY)
    states = [stage.state for stage in line]
    assert states == sorted(states, key=["past", "now", "next"].index)
    assert states.count("now") == (0 if taken == len(WAY) else 1)
    assert [stage.label for stage in line] == [part.label for part in LINE]


def test_every_stage_that_was_reached_has_its_date():
    line = stages_of(walked(*WAY), T + 20 * DAY)
    days = [(stage.when - T).days for stage in line]
    assert days == [0, 10, 1, 2, 3, 3, 4, 5, 6]


def test_a_stage_to_come_has_a_date_only_where_one_is_fixed():
    challenge, window = walked("approve", "open"), T + 30 * DAY
    dates = {i: s.when for i, s in enumerate(stages_of(challenge, T, {AWARD: window})) if s.when}
    assert dates == {0: T, BIDDING: challenge.closes_at, 2: T + DAY, AWARD: window}


def test_a_withdrawn_notice_takes_its_date_off_the_line():
    noticed = walked(*WAY[:5])
    assert stages_of(noticed, T)[6].when == T + 4 * DAY
    advance(noticed, "reopen", T + 5 * DAY)
    line = stages_of(noticed, T)
    assert line[6].when is None
    assert (line[5].state, line[5].when) == ("now", T + 3 * DAY), "the ranking is not of today"


def test_a_challenge_without_an_award_stops_where_it_was():
    failed = walked("approve", "open", "fail")
    assert [stage.state for stage in stages_of(failed, T)].count("past") == 3


def test_an_act_out_of_order_keeps_no_date():
    challenge = walked("approve")
    with pytest.raises(IllegalMove):
        advance(challenge, "rank", T)
    assert challenge.reached == {"published": T.isoformat()}


def test_every_phase_says_what_happens_next():
    assert set(NEXT) == set(Phase)
    assert next_sentence(walked("approve"), T) == NEXT[Phase.OPEN]
    assert next_sentence(walked("approve"), T + 10 * DAY) == NEXT[Phase.CLOSED]


def test_only_a_task_completes_a_challenge():
    completes = [move for move in CHALLENGE_MOVES if move.action == "complete"]
    assert [(move.state, move.next) for move in completes] == [
        (ChallengeState.AWARDED, ChallengeState.COMPLETED)
    ]
