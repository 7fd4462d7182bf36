"""Rounds whose reviewers disagree about one bid."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.core import clock
from portal.core.db import db
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rankings.disagreement import queries
from portal.reviews.rankings.disagreement.models import Disagreement, Party
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets import service as sheet_service
from tests.factories.remembered import remembered
from tests.factories.reviews import (
    make_review_challenge,
    make_round,
    points_for,
    reviewer_of,
    seats_of,
    submit_all,
)


@remembered
def make_disputed(*, ranked: bool = True, bids: int = 2, **settings: Any) -> Round:
    """A round of three whose sheets are in: of one bid, one reviewer gives a fifth, the others four.

    `settings` of the challenge; what is done on a disagreement is to ask for reasons unless told.
    """
    challenge = make_review_challenge(bids=bids)
    chosen = {"on_disagreement": "reasons", **settings}
    challenge.settings = {**challenge.settings, **chosen}
    made = make_round(scoring=True, challenge=challenge)
    seat = seats_of(made, SeatState.ACCEPTED)[0]
    low = min(seat.sheets, key=lambda sheet: str(sheet.bid_id))
    criteria = challenge.criteria
    points = points_for(low, [Decimal(criterion.weight) / 5 for criterion in criteria])
    now = clock.now(db.session)
    sheet_service.submit_sheet(reviewer_of(seat), low.id, points, "", now)
    submit_all(made)
    if ranked:
        ranking_service.rank_round(made.id, now)
    db.session.expire_all()
    return made


def only_disagreement(review: Round) -> Disagreement:
    """The round's one disagreement, as it is now."""
    db.session.expire_all()
    (found,) = queries.of_round(db.session, review.id)
    return found


def concerned(found: Disagreement) -> list[Party]:
    """Who was asked, in the order of their numbers."""
    return [party for party in found.parties if party.concerned]


def low_party(found: Disagreement) -> Party:
    """The party that gave the lowest total."""
    sheets = queries.sheets_of(db.session, found)
    return min(found.parties, key=lambda party: sheets[party.seat_id].total or 0)


def points_now(found: Disagreement, party: Party) -> dict[UUID, Decimal]:
    """A party's points by criterion."""
    sheet = queries.sheets_of(db.session, found)[party.seat_id]
    return {score.criterion_id: score.points or Decimal(0) for score in sheet.scores}
