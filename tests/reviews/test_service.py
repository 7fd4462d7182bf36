"""A round from the draw to its scoring: each step, its refusals, and twice without harm."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.rules import ChallengeState
from portal.core.access import Role
from portal.core.errors import IllegalMove, NotAllowed, NotFound
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.reviews.draws import queries as draw_queries
from portal.reviews.rounds import answers, chasing
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.models import Sheet
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.awards import officer_of
from tests.factories.bids import make_bid
from tests.factories.draws import make_drawn
from tests.factories.reviews import (
    make_review_challenge,
    make_reviewer,
    make_round,
    reviewer_of,
    seats_of,
    submit_all,
)
from tests.refusal import refused

LATER = timedelta(days=4)


def kinds(session: Session, kind: Action) -> int:
    return session.scalar(select(func.count()).where(Entry.kind == kind.value)) or 0


def topics(session: Session) -> list[str]:
    return list(session.scalars(select(Event.topic).order_by(Event.id)))


def order_of(session: Session, review: Round) -> list[UUID]:
    """The whole order of the technical experts."""
    draw = draw_queries.drawn(session, review.challenge_id)[0]
    return [draw_queries.of_alias(session, draw, one) for one in draw.orders["technical"]]


def news(session: Session, person_id: object) -> list[str]:
    query = select(InboxItem.subject).where(InboxItem.person_id == person_id)
    return list(session.scalars(query.order_by(InboxItem.at)))


def test_a_round_needs_a_bid_that_passed_the_formal_check(session: Session, now: datetime) -> None:
    challenge = make_review_challenge(bids=0)
    make_bid(rejected=True, challenge=challenge)
    for _ in range(3):
        make_reviewer()
    refusal = refused(
        IllegalMove, round_service.start_round, officer_of(challenge), challenge.id, now
    )
    assert "formal check" in str(refusal)
    assert challenge.state is ChallengeState.OPENED


def test_a_round_needs_as_many_bids_that_passed_as_the_challenge_asks_for(
    session: Session, now: datetime
) -> None:
    challenge = make_review_challenge(bids=2)
    challenge.settings = {**challenge.settings, "bids_min": 3}
    for _ in range(3):
        make_reviewer()
    officer = officer_of(challenge)
    refusal = refused(IllegalMove, round_service.start_round, officer, challenge.id, now)
    assert refusal.message.parameters == {"count": 2, "least": 3}
    session.expire_all()
    assert (challenge.state, session.scalar(select(Round.id))) == (ChallengeState.OPENED, None)
    make_bid(eligible=True, challenge=challenge)
    make_drawn(challenge)
    session.commit()
    assert round_service.start_round(officer, challenge.id, now).state is RoundState.INVITING


def test_a_round_is_started_once_by_the_issuing_body(session: Session, now: datetime) -> None:
    challenge = make_review_challenge()
    for _ in range(3):
        make_reviewer()
    officer, stranger = officer_of(challenge), make_actor(Role.CITY_OFFICER)
    assert "not drawn" in str(
        refused(IllegalMove, round_service.start_round, officer, challenge.id, now)
    )
    make_drawn(challenge)
    session.commit()
    for other in (stranger, make_actor(Role.BIDDER_LEAD)):
        refused(NotAllowed, round_service.start_round, other, challenge.id, now)
    made = round_service.start_round(officer, challenge.id, now)
    assert challenge.state is ChallengeState.REVIEWING
    assert made.sheets_due_at == now + timedelta(days=13)
    assert topics(session) == [Topic.ROUND_STARTED.value]
    refused(IllegalMove, round_service.start_round, officer, challenge.id, now)
    assert session.scalar(select(func.count()).select_from(Round)) == 1


def test_a_round_asks_in_the_order_of_the_draw_one_of_an_organisation(
    session: Session, now: datetime
) -> None:
    home = make_organisation()
    for _ in range(4):
        make_reviewer(home)
    review = make_round(spare=1)
    seats, order = seats_of(review, SeatState.INVITED), order_of(session, review)
    assert len({seat.reviewer.organisation_id for seat in seats}) == len(seats) == 3
    places = [order.index(seat.reviewer_id) for seat in seats]
    assert places == sorted(places)
    asked = {seat.reviewer.person_id for seat in seats}
    assert all(len(news(session, person)) == 1 for person in asked)
    round_service.invite(review.id, now)
    assert len(seats_of(review)) == 3
    assert kinds(session, Action.SEAT_INVITED) == kinds(session, Action.REVIEWER_TURN) == 3


def test_who_declines_is_replaced_by_the_next_in_the_order(session: Session, now: datetime) -> None:
    review = make_round(spare=2)
    first, other, _ = seats_of(review)
    refused(NotFound, answers.decline, reviewer_of(other), first.id, "不熟悉该领域", now)
    answers.decline(reviewer_of(first), first.id, "不熟悉该领域", now)
    refused(IllegalMove, answers.accept, reviewer_of(first), first.id, now)
    for _ in range(2):
        round_service.refill(review.id, now)
    seats = seats_of(review)
    assert len(seats) == 4
    assert seats[3].reviewer_id == order_of(session, review)[3]
    assert seats[0].state is SeatState.DECLINED
    assert kinds(session, Action.SEAT_DECLINED) == 1


def test_who_is_silent_is_replaced_and_can_no_longer_answer(
    session: Session, now: datetime
) -> None:
    review = make_round(spare=3)
    seats = seats_of(review)
    answers.accept(reviewer_of(seats[0]), seats[0].id, now)
    chasing.chase(review.id, now + timedelta(days=2))
    assert {seat.state for seat in seats_of(review)} == {SeatState.ACCEPTED, SeatState.INVITED}
    late = seats_of(review)[1]
    refused(NotAllowed, answers.accept, reviewer_of(late), late.id, late.answer_by)
    for _ in range(2):
        chasing.chase(review.id, now + LATER)
        round_service.refill(review.id, now + LATER)
    states = [seat.state for seat in seats_of(review)]
    replaced = [SeatState.REPLACED] * 2
    assert states == [SeatState.ACCEPTED, *replaced, SeatState.INVITED, SeatState.INVITED]
    assert kinds(session, Action.SEAT_REPLACED) == 2
    refused(IllegalMove, answers.accept, reviewer_of(late), late.id, now + LATER)


def test_an_order_with_nobody_left_is_told_to_the_officers_once(
    session: Session, now: datetime
) -> None:
    review = make_round(spare=0)
    officer = officer_of(review.challenge)
    session.commit()
    first = seats_of(review)[0]
    answers.decline(reviewer_of(first), first.id, "不熟悉该领域", now)
    for _ in range(2):
        round_service.refill(review.id, now)
    assert len(news(session, officer.user_id)) == 1
    assert len(seats_of(review)) == 3


def test_scoring_begins_when_the_last_reviewer_has_accepted(
    session: Session, now: datetime
) -> None:
    review = make_round()
    *others, last = seats_of(review)
    for seat in others:
        answers.accept(reviewer_of(seat), seat.id, now)
    round_service.begin_scoring(review.id, now)
    assert session.scalar(select(Sheet.id)) is None
    answers.accept(reviewer_of(last), last.id, now)
    for _ in range(2):
        round_service.begin_scoring(review.id, now)
    session.expire_all()
    assert review.state is RoundState.SCORING
    assert [len(seat.sheets) for seat in seats_of(review)] == [2, 2, 2]
    assert kinds(session, Action.SCORING_BEGUN) == 1
    assert len(news(session, others[0].reviewer.person_id)) == 2


def test_reviewers_are_reminded_once_of_invitations_and_once_of_sheets(
    session: Session, now: datetime
) -> None:
    review = make_round()
    seat = seats_of(review)[0]
    for moment in (now, seat.answer_by - timedelta(hours=2), seat.answer_by - timedelta(hours=1)):
        chasing.chase(review.id, moment)
    assert kinds(session, Action.SEAT_REMINDED) == 3
    accepted_at = seat.answer_by - timedelta(minutes=1)
    for each in seats_of(review):
        answers.accept(reviewer_of(each), each.id, accepted_at)
    round_service.begin_scoring(review.id, accepted_at)
    chasing.chase(review.id, accepted_at)
    assert kinds(session, Action.SEAT_REMINDED) == 3
    submit_all(review, besides=seats_of(review)[0].sheets)
    for _ in range(2):
        chasing.chase(review.id, review.sheets_due_at - timedelta(days=2))
    assert kinds(session, Action.SEAT_REMINDED) == 4
    assert len(news(session, seat.reviewer.person_id)) == 4
