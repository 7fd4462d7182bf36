"""SIGKILL at every place of a submission and of an opening, and at random: nothing is lost or half.

The long run, with five hundred kills, is `./run bench kills`.
"""

from collections.abc import Iterator

import pytest

from portal.core.failpoints import LOG, OPENING, SUBMITTING
from tests.faults.killing import ALL, ONE, POSTGRES, RELAY, new_round
from tests.faults.reconciling import opened, reconciled
from tests.faults.stack import Stack, running_stack
from tests.faults.teams import at_work

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]
TEAMS = 3
RANDOM = [f"web {ONE}", f"web {ALL}", f"worker {ALL}", RELAY, *POSTGRES]
LONGEST_BACK = 10
"""Seconds after which the portal takes bids again when PostgreSQL is there again."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


def test_whatever_is_killed_receipts_bids_files_and_log_agree(stack: Stack) -> None:
    signer = stack.app.extensions["portal_signer"]
    with new_round(stack, TEAMS) as one:
        with at_work(one.teams):
            for place in (*SUBMITTING, *LOG):
                one.at_place(place)
            for way in RANDOM:
                one.at_random(way)
        told = [receipt for team in one.teams for receipt in team.told]
        assert sum(team.silent for team in one.teams) > 0, "somebody has noticed"
        assert max(one.back) < LONGEST_BACK
        books = reconciled(one.store, signer, told)
        assert books.versions == len(told)
        one.open([next(iter(POSTGRES)), *OPENING])
        assert opened(one.challenge_id, one.store) == TEAMS
        assert reconciled(one.store, signer, told).versions == books.versions
