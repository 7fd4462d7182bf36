"""The vote beside the scores: given with the sheet, and two thirds of a bid's must be in favour."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from portal.core.errors import InvalidInput
from portal.reviews.rankings import queries, service
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets import service as sheets
from tests.factories.reviews import (
    make_review_challenge,
    make_round,
    points_for,
    reviewer_of,
    seats_of,
)


@pytest.mark.parametrize(("in_favour", "passed"), [(1, False), (2, True)])
def test_a_bid_passes_with_two_thirds_of_its_votes(
    session: Session, now: datetime, in_favour: int, passed: bool
) -> None:
    challenge = make_review_challenge(bids=1)
    challenge.settings = {**challenge.settings, "expert_vote": True, "pass_mark": "0"}
    review = make_round(scoring=True, challenge=challenge)
    for number, seat in enumerate(seats_of(review, SeatState.ACCEPTED)):
        (sheet,) = seat.sheets
        points, who = points_for(sheet), reviewer_of(seat)
        with pytest.raises(InvalidInput):
            sheets.submit_sheet(who, sheet.id, points, "", now)
        vote = number < in_favour
        sheets.submit_sheet(who, sheet.id, points, "", now, in_favour=vote)
    service.rank_round(review.id, now)
    session.expire_all()
    ranking = queries.latest_ranking(session, challenge.id)
    assert ranking is not None
    assert [(place.votes, place.passed) for place in ranking.places] == [(in_favour, passed)]
