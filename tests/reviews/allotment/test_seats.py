"""A seat of a pool round: it scores its own bids, and only their conflicts count."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.bids import queries as bids
from portal.reviews.conflicts import declaring, late
from portal.reviews.conflicts.declaring import NO_TIE, Tie
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.rounds import answers, queries, seating
from portal.reviews.rounds.models import Round, Seat, SeatBid
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.rules import SheetState
from portal.reviews.sheets.service import submit_sheet
from tests.factories.awards import officer_of
from tests.factories.conflicts import make_conflict
from tests.factories.pool_rounds import make_pool_round
from tests.factories.reviews import points_for, reviewer_of, seats_of

KIN = Tie(ConflictKind.KIN, "配偶任该单位副总经理。")


def given(seat: Seat) -> set[UUID]:
    return {one.bid_id for one in seat.given}


def elsewhere(session: Session, review: Round, seat: Seat) -> UUID:
    """A bid that the seat does not score."""
    there = {bid.id for bid in bids.eligible(session, review.challenge_id)}
    return min(there - given(seat))


def enter(review: Round, seat: Seat, bid_id: UUID | None, now: datetime) -> None:
    officer, reason = officer_of(review.challenge), "曾为该团队出具收费检测报告。"
    kind = ConflictKind.ADVICE
    late.enter(officer, review.challenge_id, seat.reviewer_id, bid_id, kind, reason, now)


def test_a_seat_scores_the_bids_that_are_given_to_it(session: Session) -> None:
    review = make_pool_round(scoring=True)
    assert review.state is RoundState.SCORING
    for seat in seats_of(review):
        assert len(given(seat)) == 2
        assert {sheet.bid_id for sheet in seat.sheets} == given(seat)
        assert {bid.id for bid in queries.bids_of(session, seat)} == given(seat)


def test_only_a_conflict_with_its_own_bids_reaches_a_seat(session: Session, now: datetime) -> None:
    review = make_pool_round(scoring=True)
    seat = seats_of(review)[0]
    enter(review, seat, elsewhere(session, review, seat), now)
    seat = seats_of(review)[0]
    assert (seat.state, len(given(seat))) == (SeatState.ACCEPTED, 2)
    lost, kept = sorted(given(seat))
    enter(review, seat, lost, now)
    seat = seats_of(review)[0]
    assert (seat.state, given(seat)) == (SeatState.ACCEPTED, {kept})
    assert {sheet.bid_id: sheet.state for sheet in seat.sheets} == {
        lost: SheetState.VOID,
        kept: SheetState.DRAFT,
    }
    assert seating.vacant(session, review)
    enter(review, seat, kept, now)
    assert seats_of(review)[0].state is SeatState.CONFLICTED


def test_a_conflict_with_the_whole_challenge_frees_the_seat(
    session: Session, now: datetime
) -> None:
    review = make_pool_round()
    enter(review, seats_of(review)[0], None, now)
    assert seats_of(review)[0].state is SeatState.CONFLICTED


def test_a_tie_to_one_bid_leaves_the_other_to_its_reviewer(session: Session, now: datetime) -> None:
    review = make_pool_round()
    seat = seats_of(review)[0]
    tied, free = sorted(given(seat))
    declaring.answer(reviewer_of(seat), seat.id, {tied: KIN, free: NO_TIE}, now)
    seat = seats_of(review)[0]
    assert (seat.state, given(seat)) == (SeatState.ACCEPTED, {free})


def test_who_leaves_a_pool_leaves_behind_what_is_handed_in(session: Session, now: datetime) -> None:
    review = make_pool_round(scoring=True)
    seat = seats_of(review)[0]
    sheet, other = seat.sheets
    submit_sheet(reviewer_of(seat), sheet.id, points_for(sheet), "", now)
    answers.decline(reviewer_of(seat), seat.id, "临时出差，不能评完。", now)
    seat = seats_of(review)[0]
    assert (seat.state, given(seat)) == (SeatState.DONE, {sheet.bid_id})
    assert (sheet.state, other.state) == (SheetState.SUBMITTED, SheetState.VOID)
    assert seating.vacant(session, review)


def test_the_database_gives_no_bid_across_a_conflict(session: Session) -> None:
    review = make_pool_round()
    seat = seats_of(review)[0]
    bid_id = elsewhere(session, review, seat)
    make_conflict(seat.reviewer, review.challenge, bid_id=bid_id)
    session.add(SeatBid(seat_id=seat.id, bid_id=bid_id))
    with pytest.raises(IntegrityError, match="would score a bid across"):
        session.flush()
    session.rollback()
