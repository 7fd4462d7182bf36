"""Rounds of a pool for tests: each bid read by some experts, each expert reading some bids."""

from datetime import timedelta

from portal.accounts.models import Person
from portal.bids import queries as bids
from portal.challenges.models import Call
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core import clock
from portal.core.db import db
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds import answers
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round, Seat, SeatBid
from portal.reviews.rounds.rules import RoundKind, SeatState
from tests.factories.awards import officer_of
from tests.factories.bids import make_bid, make_bid_challenge
from tests.factories.remembered import remembered
from tests.factories.reviews import make_review_challenge, make_reviewer, reviewer_of, seats_of


@remembered
def make_pool_round(bids_there: int = 3, each: int = 2, *, scoring: bool = False) -> Round:
    """A round in which as many experts as there are bids read `each` of them, in a ring."""
    challenge = make_review_challenge(bids=bids_there)
    now = clock.now(db.session)
    advance(challenge, "review", now)
    there = bids.eligible(db.session, challenge.id)
    review = Round(
        challenge=challenge,
        number=1,
        kind=RoundKind.POOL,
        seats_wanted=each,
        started_by=officer_of(challenge).user_id,
        started_at=now,
        sheets_due_at=now + timedelta(days=10),
    )
    db.session.add(review)
    db.session.flush()
    for place in range(bids_there):
        seat = Seat(
            round=review,
            reviewer=make_reviewer(),
            position=place,
            invited_at=now,
            answer_by=now + timedelta(days=3),
        )
        seat.given = [SeatBid(bid_id=there[(place + step) % bids_there].id) for step in range(each)]
        db.session.add(seat)
    db.session.commit()
    if scoring:
        for seat in seats_of(review, SeatState.INVITED):
            answers.accept(reviewer_of(seat), seat.id, now)
        round_service.begin_scoring(review.id, now)
    db.session.expire_all()
    return review


def make_pool_seat(call: Call, reviewer: Reviewer, officer: Person) -> Seat:
    """An invitation to read one bid of a call, in a pool round of its own."""
    challenge = make_bid_challenge(opened=True, call=call)
    bid, now = make_bid(eligible=True, challenge=challenge), clock.now(db.session)
    challenge.state = ChallengeState.REVIEWING
    review = Round(
        challenge=challenge,
        number=1,
        kind=RoundKind.POOL,
        seats_wanted=1,
        started_by=officer.id,
        started_at=now,
        sheets_due_at=now + timedelta(days=10),
    )
    seat = Seat(
        round=review,
        reviewer=reviewer,
        position=0,
        invited_at=now,
        answer_by=now + timedelta(days=3),
        given=[SeatBid(bid_id=bid.id)],
    )
    db.session.add(seat)
    db.session.flush()
    return seat
