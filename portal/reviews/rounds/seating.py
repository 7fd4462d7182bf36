"""Who is asked to sit in a round: filling its seats in the order of the draw."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.challenges import queries as challenges
from portal.core.access import SYSTEM
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.draws import service as draws
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import (
    SEATED,
    RoundKind,
    SeatState,
)


def fill(session: Session, review: Round, now: datetime) -> None:
    """Invite the next in the order of the draw until every seat is taken; short of people, tell the
    officers. The seats of a pool round are assigned for the whole call, not here."""
    if review.kind is RoundKind.POOL or not vacant(session, review):
        return
    turns = draws.Turns.of(session, review, now)
    while vacant(session, review):
        reviewer = turns.take() if turns else None
        if reviewer is None:
            _tell_short(session, review)
            return
        _invite(session, review, reviewer, now)


def _invite(session: Session, review: Round, reviewer: Reviewer, now: datetime) -> None:
    place = len(review.seats)
    seat = Seat(
        round=review,
        reviewer=reviewer,
        position=place,
        invited_at=now,
        answer_by=now + timedelta(days=review.days.answer_days),
    )
    session.add(seat)
    session.flush()
    audit.record(session, SYSTEM, Action.SEAT_INVITED, seat.subject_ref, now, place=place)
    news = Message(N_("You are invited to review “%(title)s”."), {"title": both(review.challenge)})
    notify(session, [reviewer.person_id], f"seat.invited:{seat.id}", news, f"/seats/{seat.id}")


def _tell_short(session: Session, review: Round) -> None:
    text = N_("The order of the draw has nobody left for a seat of “%(title)s”: draw further ones.")
    news = Message(text, {"title": both(review.challenge)})
    people = challenges.managers(session, review.challenge)
    key = f"round.short:{review.id}:{len(review.seats)}"
    notify(session, people, key, news, f"/challenges/{review.challenge.code}/draw")


def vacant(session: Session, review: Round) -> bool:
    """Whether a seat is to be filled; in a pool round, whether some bid has too few of them."""
    seated = [seat for seat in review.seats if seat.state in SEATED and not seat.only_bid_id]
    if review.kind is not RoundKind.POOL:
        return len(seated) < review.seats_wanted
    served = Counter(one.bid_id for seat in seated for one in seat.given)
    eligible = bids.eligible(session, review.challenge_id)
    return any(served[bid.id] < review.seats_wanted for bid in eligible)


def complete(session: Session, review: Round) -> bool:
    """Whether as many have accepted as there are to be, so that scoring can begin."""
    if review.kind is RoundKind.POOL:
        asked = any(seat.state is SeatState.INVITED for seat in review.seats)
        return not asked and not vacant(session, review)
    ready = (SeatState.ACCEPTED, SeatState.DONE)
    sitting = sum(seat.state in ready and not seat.only_bid_id for seat in review.seats)
    return sitting >= review.seats_wanted
