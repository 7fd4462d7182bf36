"""A conflict that comes late, from whatever side: sheets void, the seat free, the ranking made again."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.rules import ChallengeState
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.reviews.conflicts import coworking, declaring, late, queries, service, wishes
from portal.reviews.conflicts.coworking import Cooperation
from portal.reviews.conflicts.declaring import NO_TIE, Tie
from portal.reviews.conflicts.rules import ConflictKind, ConflictSource
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rounds import answers
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.rules import SheetState
from tests.factories.accounts import make_actor
from tests.factories.awards import officer_of
from tests.factories.conflicts import make_conflict, make_wish
from tests.factories.reviews import (
    make_review_challenge,
    make_reviewer,
    make_round,
    reviewer_of,
    seats_of,
    submit_all,
)
from tests.refusal import refused

KIN = Tie(ConflictKind.KIN, "配偶任该单位副总经理。")


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def told(session: Session, person_id: object) -> list[str]:
    return list(session.scalars(select(InboxItem.subject).where(InboxItem.person_id == person_id)))


def enter(review: Round, seat: Seat, now: datetime) -> None:
    officer, kind = officer_of(review.challenge), ConflictKind.ADVICE
    reason = "曾为该团队出具收费检测报告。"
    late.enter(officer, review.challenge_id, seat.reviewer_id, None, kind, reason, now)


def test_one_found_after_the_ranking_voids_the_sheets_replaces_and_ranks_again(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    submit_all(review)
    ranking_service.rank_round(review.id, now)
    first = ranking_queries.latest_ranking(session, review.challenge_id)
    seat = seats_of(review)[0]
    expert = seat.reviewer.person_id
    sheets = {sheet.id: sheet.total for sheet in seat.sheets}
    enter(review, seat, now)
    session.expire_all()
    assert [sheet.state for sheet in seat.sheets] == [SheetState.VOID] * 2
    assert {sheet.id: sheet.total for sheet in seat.sheets} == sheets
    assert (seat.state, review.state) == (SeatState.CONFLICTED, RoundState.INVITING)
    assert review.challenge.state is ChallengeState.REVIEWING
    logged = kinds(session)
    assert logged.count(Action.SHEET_VOIDED) == 2
    assert {Action.CONFLICT_ENTERED, Action.SEAT_CONFLICTED, Action.ROUND_REOPENED} <= set(logged)
    assert any("conflict of interest" in one for one in told(session, expert))
    last = session.scalars(select(Event.topic).order_by(Event.id.desc()).limit(1)).one()
    assert last == Topic.SEAT_VACATED
    round_service.refill(review.id, now)
    (replaced,) = seats_of(review, SeatState.INVITED)
    assert replaced.reviewer_id != seat.reviewer_id
    ranking_service.rank_round(review.id, now)
    assert ranking_queries.latest_number(session, review.id) == 1
    answers.accept(reviewer_of(replaced), replaced.id, now)
    round_service.begin_scoring(review.id, now)
    submit_all(review)
    ranking_service.rank_round(review.id, now)
    session.expire_all()
    again = ranking_queries.latest_ranking(session, review.challenge_id)
    assert first is not None
    assert again is not None
    assert (first.number, again.number) == (1, 2)
    assert not set(again.inputs) & {str(one) for one in sheets}
    assert review.challenge.state is ChallengeState.RANKED


def test_who_may_enter_one_and_what(session: Session, now: datetime) -> None:
    review = make_round(accepted=True)
    seat, challenge = seats_of(review)[0], review.challenge
    officer, auditor = officer_of(challenge), make_actor()
    facts = (challenge.id, seat.reviewer_id, None)
    good = "持有牵头单位百分之二的股份。"
    refused(NotAllowed, late.enter, auditor, *facts, ConflictKind.SHARES, good, now)
    refused(Invalid, late.enter, officer, *facts, ConflictKind.SHARES, "太短", now)
    refused(Invalid, late.enter, officer, *facts, ConflictKind.EMPLOYER, good, now)
    late.enter(officer, *facts, ConflictKind.SHARES, good, now)
    (row,) = queries.standing(session, seat.reviewer_id, challenge.id)
    assert (row.source, row.entered_by) == (ConflictSource.ENTERED, officer.user_id)
    refused(Invalid, late.enter, officer, *facts, ConflictKind.SHARES, good, now)
    challenge.state = ChallengeState.NOTICED
    refused(NotAllowed, late.enter, officer, *facts, ConflictKind.KIN, good, now)


def test_a_declaration_answers_every_line_before_the_seat_is_taken(
    session: Session, now: datetime
) -> None:
    review = make_round()
    seat, other = seats_of(review)[:2]
    one, two = declared_bids(session, review)
    actor = reviewer_of(seat)
    problem = refused(InvalidInput, declaring.answer, actor, seat.id, {one: NO_TIE}, now)
    assert len(problem.problems) == 1
    short = {one: NO_TIE, two: Tie(ConflictKind.KIN, "短")}
    refused(InvalidInput, declaring.answer, actor, seat.id, short, now)
    refused(NotFound, declaring.answer, reviewer_of(other), seat.id, {one: NO_TIE}, now)
    declaring.answer(actor, seat.id, {one: NO_TIE, two: NO_TIE}, now)
    assert session.get_one(Seat, seat.id).state is SeatState.ACCEPTED
    refused(IllegalMove, declaring.answer, actor, seat.id, {one: NO_TIE, two: NO_TIE}, now)
    declaring.answer(reviewer_of(other), other.id, {one: NO_TIE, two: KIN}, now)
    session.expire_all()
    assert other.state is SeatState.CONFLICTED
    (row,) = queries.standing(session, other.reviewer_id, review.challenge_id)
    assert (row.kind, row.source, row.bid_id) == (ConflictKind.KIN, ConflictSource.DECLARED, two)
    assert Action.CONFLICT_DECLARED in kinds(session)


def declared_bids(session: Session, review: Round) -> list[UUID]:
    query = text("SELECT id FROM bids WHERE challenge_id = :id ORDER BY started_at, id")
    return list(session.scalars(query, {"id": review.challenge_id}))


def test_a_tie_that_comes_to_mind_later_voids_what_was_submitted(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    submit_all(review, besides=[s for one in seats_of(review)[1:] for s in one.sheets])
    bid_id = seat.sheets[0].bid_id
    actor = reviewer_of(seat)
    refused(InvalidInput, declaring.declare_later, actor, seat.id, bid_id, NO_TIE, now)
    declaring.declare_later(actor, seat.id, bid_id, KIN, now)
    session.expire_all()
    assert seat.state is SeatState.CONFLICTED
    assert {sheet.state for sheet in seat.sheets} == {SheetState.VOID}
    round_service.refill(review.id, now)
    assert len(seats_of(review, SeatState.INVITED)) == 1


def test_what_is_learned_of_an_expert_is_looked_at_wherever_they_sit(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    seat, free = seats_of(review)[:2]
    lead = seat.sheets[0].bid.lead.name
    told_of = Cooperation("王工", lead, "联合实验室", now.date())
    refused(NotAllowed, coworking.tell, make_actor(), seat.reviewer_id, told_of, now)
    row = coworking.tell(reviewer_of(seat), seat.reviewer_id, told_of, now)
    coworking.tell(officer_of(review.challenge), free.reviewer_id, told_of, now)
    refused(NotAllowed, coworking.take_back, reviewer_of(free), row.id, now)
    late.look_again(seat.reviewer_id, now)
    late.look_again(seat.reviewer_id, now)
    session.expire_all()
    assert seat.state is SeatState.CONFLICTED
    assert kinds(session).count(Action.SEAT_CONFLICTED) == 2, "both are looked at where one sits"
    coworking.take_back(reviewer_of(seat), row.id, now)
    assert queries.coworkings(session, seat.reviewer_id) == []


def test_a_wish_is_decided_once_by_an_officer_and_before_the_round(
    session: Session, now: datetime
) -> None:
    challenge = make_review_challenge()
    named = make_reviewer()
    bid = make_wish(challenge, named)
    officer, row = officer_of(challenge), bid.versions[-1].avoids[0]
    problem = refused(IllegalMove, service.require_decided, session, challenge.id)
    assert problem.message.parameters == {"count": 1}
    wish = (challenge.id, row.id)
    refused(NotAllowed, wishes.decide, make_actor(), *wish, True, "理由充分,同意回避。", now)
    refused(Invalid, wishes.decide, officer, *wish, True, "同意", now)
    refused(NotFound, wishes.decide, officer, challenge.id, bid.id, True, "理由充分,同意。", now)
    wishes.decide(officer, *wish, True, "理由充分,同意回避。", now)
    refused(IllegalMove, wishes.decide, officer, *wish, False, "理由不足,不予同意。", now)
    assert set(queries.excluded(session, challenge.id)) == {named.id}
    service.require_decided(session, challenge.id)


def test_the_database_refuses_a_seat_and_a_sheet_across_a_conflict(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    make_conflict(seat.reviewer, review.challenge, bid_id=seat.sheets[0].bid_id)
    session.commit()
    for wrong in (
        "UPDATE seats SET state = 'invited' WHERE id = :seat",
        "UPDATE sheets SET state = 'submitted' WHERE seat_id = :seat",
    ):
        with pytest.raises(IntegrityError, match="crosses a conflict"):
            session.execute(text(wrong), {"seat": seat.id})
        session.rollback()
