"""Whatever comes in whatever order: no seat and no sheet ever crosses a conflict that stands."""

from datetime import datetime
from random import Random

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids.models import Bid
from portal.reviews.conflicts import coworking, declaring, late
from portal.reviews.conflicts.coworking import Cooperation
from portal.reviews.conflicts.declaring import Tie
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rounds import answers
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SEATED, SeatState
from tests.factories.awards import officer_of
from tests.factories.reviews import (
    make_review_challenge,
    make_round,
    reviewer_of,
    seats_of,
    submit_all,
)

CROSSED = text(
    "SELECT count(*) FROM seats JOIN rounds ON rounds.id = seats.round_id"
    " JOIN conflicts USING (challenge_id, reviewer_id)"
    " LEFT JOIN sheets ON sheets.seat_id = seats.id AND sheets.state <> 'void'"
    " WHERE lifted_at IS NULL AND (seats.state IN ('invited', 'accepted', 'done')"
    " OR sheets.id IS NOT NULL)"
)
REASON = "曾为该团队出具收费检测报告。"


class Course:
    """A round in which things happen by lot."""

    def __init__(self, session: Session, seed: int, now: datetime) -> None:
        self.lot = Random(seed)  # noqa: S311 - the same every time
        challenge = make_review_challenge(bids=1, reviewers=3)
        self.review = make_round(challenge=challenge, spare=4)
        self.bid = session.scalars(select(Bid).where(Bid.challenge_id == challenge.id)).one()
        self.officer, self.now = officer_of(challenge), now

    def seat(self, *states: SeatState) -> Seat | None:
        """Some seat in one of these states."""
        there = seats_of(self.review, *states)
        return self.lot.choice(there) if there else None

    def accept(self) -> None:
        """Somebody takes their seat."""
        if seat := self.seat(SeatState.INVITED):
            answers.accept(reviewer_of(seat), seat.id, self.now)

    def work(self) -> None:
        """The worker does what waits; whoever can, submits."""
        round_service.refill(self.review.id, self.now)
        round_service.begin_scoring(self.review.id, self.now)
        submit_all(self.review)
        ranking_service.rank_round(self.review.id, self.now)

    def enter(self) -> None:
        """An officer learns of a conflict."""
        if seat := self.seat(*SEATED):
            where = (
                self.review.challenge_id,
                seat.reviewer_id,
                self.lot.choice([None, self.bid.id]),
            )
            late.enter(self.officer, *where, ConflictKind.ADVICE, REASON, self.now)

    def declare(self) -> None:
        """A reviewer finds a tie."""
        tie = Tie(ConflictKind.KIN, "配偶任该单位副总经理。")
        if seat := self.seat(SeatState.INVITED):
            declaring.answer(reviewer_of(seat), seat.id, {self.bid.id: tie}, self.now)
        elif seat := self.seat(SeatState.ACCEPTED, SeatState.DONE):
            declaring.declare_later(reviewer_of(seat), seat.id, self.bid.id, tie, self.now)

    def learn(self) -> None:
        """A cooperation is entered, and looked at."""
        if seat := self.seat(*SEATED):
            told = Cooperation("王工", self.bid.lead.name, "联合实验室", self.now.date())
            coworking.tell(self.officer, seat.reviewer_id, told, self.now)
            late.look_again(seat.reviewer_id, self.now)


@pytest.mark.parametrize("seed", range(3))
def test_no_seat_and_no_sheet_ever_crosses_a_conflict_however_it_is_entered(
    session: Session, now: datetime, seed: int
) -> None:
    course = Course(session, seed, now)
    known = [course.enter, course.declare, course.learn]
    for _ in range(4):
        for act in [*[course.accept] * 3, course.work, course.lot.choice(known)]:
            act()
            assert session.scalar(CROSSED) == 0
    freed = select(Entry.id).where(Entry.kind == Action.SEAT_CONFLICTED)
    assert len(session.scalars(freed).all()) >= 3
