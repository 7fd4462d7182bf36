"""`jiebang simulate`: its reviewers by the real services, with the workers' handlers in this process."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.core import clock
from portal.demo.simulation import world
from portal.demo.simulation.playing import KINDS, Kind, Stuck, play, start
from portal.demo.simulation.summing import summary, tau
from portal.reviews.rounds import chasing
from portal.reviews.rounds.rules import SeatState
from portal.reviews.rounds.steps import StepKind
from tests.working_off import work_off
from workers.schedule import chase_reviewers

BIDS, REVIEWERS = 2, 3


def test_a_round_of_any_size_is_reviewed_to_the_end(session: Session, app: Flask) -> None:
    told = list(world.prepare(BIDS, REVIEWERS, app.extensions["portal_files"]))
    assert len(told) == world.steps(BIDS, REVIEWERS)
    one = start(told[-1], seed=1)
    with pytest.raises(Stuck):
        list(play(one, lambda: None))

    def settle() -> None:
        work_off()
        while chasing.due_rounds(session, clock.now(session)):
            chase_reviewers(clock.now(session))
            work_off()

    counts = list(play(one, settle))
    found = summary(one)
    assert counts[-1] == found.sheets == BIDS * REVIEWERS
    asked = [kind for _, kind, _, _ in found.seats]
    assert asked == list(KINDS[: len(asked)])
    ends = {kind: (state, sheets) for _, kind, state, sheets in found.seats}
    assert ends == {
        Kind.SCORES: (SeatState.DONE, BIDS),
        Kind.DECLINES: (SeatState.DECLINED, 0),
        Kind.SILENT: (SeatState.REPLACED, 0),
        Kind.LAZY: (SeatState.REPLACED, 0),
    }
    assert set(found.steps) == set(StepKind)
    plan = one.review.days
    assert found.took.days >= plan.answer_days + plan.score_days + plan.replace_days
    assert [row[0] for row in found.order] == [1, 2]


def test_the_order_is_held_against_the_truth() -> None:
    truth = {"a": 3.0, "b": 2.0, "c": 1.0}
    assert tau(truth, {"a": 90, "b": 80, "c": 70}) == 1
    assert tau(truth, {"a": 1, "b": 2, "c": 3}) == -1
    assert tau(truth, {"a": 90, "b": 70, "c": 80}) == pytest.approx(1 / 3)
