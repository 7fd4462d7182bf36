"""A round whose worker is killed ends as one that nobody disturbed.

With fifty bids and five reviewers: `./run bench rounds`.
"""

import pytest

from tests.faults.conftest import Yard
from tests.faults.rounds import Killer, here, outcome, play, pool_of, started, ways

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]
BIDS, REVIEWERS, POOL = 2, 3, 9
LEAST = 2
"""Kills: of five, some are for a commit that nobody comes to any more."""


@pytest.mark.usefixtures("clear")
def test_whatever_is_killed_a_round_ends_as_one_that_nobody_disturbed(yard: Yard) -> None:
    pool_of(POOL)
    calm = started(BIDS, REVIEWERS)
    play(calm, here)
    wild = started(BIDS, REVIEWERS)
    killer = Killer(yard, ways(1))
    play(wild, killer.settle)
    assert killer.done >= LEAST
    assert outcome(wild) == outcome(calm)
    assert {state for _, state, _, _ in outcome(calm)["seats"]} == {"declined", "done", "replaced"}
