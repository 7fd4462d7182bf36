"""What became of an expert's invitations and sheets."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.reviews.pool.history import History, histories, open_sheets
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rounds import answers
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets import service as sheet_service
from tests.copies import counted
from tests.factories.reviews import (
    make_review_challenge,
    make_reviewer,
    make_round,
    points_for,
    reviewer_of,
    seats_of,
)


def test_seats_and_sheets_are_counted_and_distance_only_once_the_round_is_ranked(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True, challenge=make_review_challenge(bids=3, reviewers=3))
    seats = seats_of(review, SeatState.ACCEPTED)
    harsh, *others = [seat.reviewer_id for seat in seats]
    assert open_sheets(session, [harsh, *others]) == dict.fromkeys([harsh, *others], 3)
    late = review.sheets_due_at + timedelta(seconds=1)
    for seat in seats:
        for number, sheet in enumerate(list(seat.sheets)):
            share = Decimal("0.5") if seat.reviewer_id == harsh else Decimal("0.8")
            weights = [one.weight for one in sheet.seat.round.challenge.criteria]
            given = points_for(sheet, [weight * share for weight in weights])
            at = late if (seat.reviewer_id, number) == (harsh, 0) else review.sheets_due_at
            sheet_service.submit_sheet(reviewer_of(seat), sheet.id, given, "", at)
    before = histories(session, [harsh])[harsh]
    assert before == History(1, 1, 0, 0, sheets=3, submitted=3, on_time=2)
    assert not before.is_compared
    ranking_service.rank_round(review.id, late)
    session.commit()
    with counted() as sent:
        found = histories(session, [harsh, *others])
    assert len([one for one in sent if "SELECT" in one]) == 1
    told = found[harsh]
    assert (told.compared, told.leaning, told.distance) == (3, Decimal("-30.0"), Decimal("30.0"))
    assert {found[one].leaning for one in others} == {Decimal("15.0")}
    assert open_sheets(session, [harsh]) == {}


def test_who_declined_or_did_not_answer_is_known(session: Session, now: datetime) -> None:
    review = make_round()
    first = seats_of(review)[0]
    session.commit()
    answers.decline(reviewer_of(first), first.id, "不熟悉该领域", now)
    assert histories(session, [first.reviewer_id])[first.reviewer_id] == History(1, declined=1)


def test_who_was_never_asked_has_an_empty_history(session: Session) -> None:
    one = make_reviewer()
    assert histories(session, [one.id]) == {one.id: History()}
