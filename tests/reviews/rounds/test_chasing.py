"""Reviewers who are awaited: what the clock does, once, and what an officer may override."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound
from portal.notifications.models import InboxItem
from portal.reviews.draws.models import DrawAsk
from portal.reviews.pool.models import Absence, Reviewer
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rounds import answers, chasing, overrides
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.rules import SheetState
from tests.factories.accounts import make_actor
from tests.factories.awards import officer_of
from tests.factories.pool_rounds import make_pool_round
from tests.factories.reviews import (
    make_review_challenge,
    make_round,
    reviewer_of,
    seats_of,
    submit_all,
)
from tests.refusal import refused
from tests.threads import at_once
from workers import schedule

DAY = timedelta(days=1)
REASON = "专家来电说明情况,经办人核实。"


def steps_of(seat: Seat) -> list[str]:
    return [step.kind.value for step in seat.steps]


def logged(session: Session, seat: Seat) -> list[str]:
    query = select(Entry.kind).where(Entry.subject_ref == seat.subject_ref)
    return list(session.scalars(query.order_by(Entry.id)))


def news_of(session: Session, person_id: object) -> list[InboxItem]:
    query = select(InboxItem).where(InboxItem.person_id == person_id)
    return list(session.scalars(query.order_by(InboxItem.at)))


def late_round() -> tuple[Round, Seat, Actor]:
    """A round of three of whom one has handed in nothing; its officer."""
    review = make_round(scoring=True)
    officer = officer_of(review.challenge)
    submit_all(review, besides=seats_of(review)[0].sheets)
    return review, seats_of(review)[0], officer


def test_a_late_reviewer_is_warned_then_told_to_the_officers_then_replaced(
    session: Session,
) -> None:
    review, seat, officer = late_round()
    due, told = seat.sheets_due_at, len(news_of(session, officer.user_id))
    expected = {-3: ["remind"], 0: ["warn"], 1: ["escalate"], 5: ["replace"]}
    taken: list[str] = []
    for days in range(-4, 6):
        for _ in range(2):
            chasing.chase(review.id, due + days * DAY)
        taken += expected.get(days, [])
        assert steps_of(seats_of(review)[0]) == taken
        names = seat.reviewer.person.name in str(
            [item.parameters for item in news_of(session, officer.user_id)[told:]]
        )
        assert names == ("escalate" in taken)
    seat = seats_of(review)[0]
    assert seat.state is SeatState.REPLACED
    assert {sheet.state for sheet in seat.sheets} == {SheetState.VOID}
    assert chasing.due_rounds(session, due + 9 * DAY) == []
    round_service.refill(review.id, due + 5 * DAY)
    newest = seats_of(review)[-1]
    assert (newest.state, review.state) == (SeatState.INVITED, RoundState.INVITING)
    answers.accept(reviewer_of(newest), newest.id, due + 6 * DAY)
    round_service.begin_scoring(review.id, due + 6 * DAY)
    assert seats_of(review)[-1].sheets_due_at == due + 16 * DAY


def test_two_beats_at_once_take_a_step_once(app: Flask, session: Session) -> None:
    review, seat, _ = late_round()
    later, round_id = seat.sheets_due_at + DAY, review.id
    session.commit()
    chore = partial(schedule.CHORES["chase_reviewers"], later)
    assert at_once(app, *[chore] * 3, partial(chasing.chase, round_id, later)) == [None] * 4
    seat = seats_of(review)[0]
    assert steps_of(seat) == ["warn", "escalate"]
    assert logged(session, seat)[-2:] == [Action.SEAT_WARNED.value, Action.SEAT_ESCALATED.value]


def test_more_time_starts_the_steps_anew(session: Session) -> None:
    review, seat, officer = late_round()
    due = seat.sheets_due_at
    chasing.chase(review.id, due)
    refused(Invalid, overrides.extend, officer, seat.id, due, REASON, due)
    overrides.extend(officer, seat.id, due + 8 * DAY, REASON, due)
    assert seats_of(review)[0].sheets_due_at == due + 8 * DAY
    assert {seat.sheets_due_at for seat in seats_of(review)[1:]} == {due}
    chasing.chase(review.id, due + 4 * DAY)
    assert steps_of(seats_of(review)[0]) == ["warn"]
    chasing.chase(review.id, due + 5 * DAY)
    chasing.chase(review.id, due + 8 * DAY)
    assert steps_of(seats_of(review)[0]) == ["warn", "remind", "warn"]
    overrides.extend_round(officer, review.id, due + 20 * DAY, REASON, due + 9 * DAY)
    assert {seat.sheets_due_at for seat in seats_of(review)} == {due + 20 * DAY}


def test_an_invitation_is_extended_as_well(session: Session, now: datetime) -> None:
    review = make_round()
    officer, seat = officer_of(review.challenge), seats_of(review)[0]
    until = seat.answer_by + 2 * DAY
    overrides.extend(officer, seat.id, until, REASON, now)
    chasing.chase(review.id, until - DAY)
    states = [seat.state for seat in seats_of(review)]
    assert states == [SeatState.INVITED, SeatState.REPLACED, SeatState.REPLACED]


@pytest.mark.parametrize("move", ["replace", "excuse"])
def test_an_officer_lets_a_reviewer_go_with_a_reason_and_the_next_is_asked(
    session: Session, now: datetime, move: str
) -> None:
    review, seat, officer = late_round()
    act = {"replace": overrides.replace, "excuse": overrides.excuse}[move]
    strangers = make_actor(Role.CITY_OFFICER), reviewer_of(seat)
    for stranger in strangers:
        refused(NotAllowed, act, stranger, seat.id, REASON, now)
    refused(InvalidInput, act, officer, seat.id, "太短", now)
    refused(NotFound, act, officer, review.id, REASON, now)
    act(officer, seat.id, REASON, now)
    seat = seats_of(review)[0]
    after = {"replace": SeatState.REPLACED, "excuse": SeatState.EXCUSED}[move]
    assert (seat.state, seat.reason) == (after, REASON)
    entry = session.scalars(
        select(Entry).where(Entry.subject_ref == seat.subject_ref).order_by(Entry.id.desc())
    ).first()
    assert entry is not None
    assert entry.payload == {"reason": REASON}
    refused(IllegalMove, act, officer, seat.id, REASON, now)
    round_service.refill(review.id, now)
    assert [one.state for one in seats_of(review)][-1] is SeatState.INVITED


def test_a_reminder_by_hand_is_sent_each_time_and_takes_no_step(
    session: Session, now: datetime
) -> None:
    review, seat, officer = late_round()
    before = len(news_of(session, seat.reviewer.person_id))
    for hours in range(2):
        overrides.remind(officer, seat.id, REASON, now + timedelta(hours=hours))
    assert len(news_of(session, seat.reviewer.person_id)) == before + 2
    assert steps_of(seats_of(review)[0]) == []
    done = seats_of(review)[1]
    refused(IllegalMove, overrides.remind, officer, done.id, REASON, now)


def test_a_round_is_closed_early_once_more_than_half_of_the_sheets_are_in(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    officer = officer_of(review.challenge)
    first, second, _ = seats_of(review)
    submit_all(review, besides=[*first.sheets, *second.sheets])
    refused(IllegalMove, overrides.close, officer, review.id, REASON, now)
    submit_all(review, besides=seats_of(review)[0].sheets)
    refused(NotAllowed, overrides.close, make_actor(Role.AUDITOR), review.id, REASON, now)
    overrides.close(officer, review.id, REASON, now)
    states = [seat.state for seat in seats_of(review)]
    assert states == [SeatState.LEFT_OUT, SeatState.DONE, SeatState.DONE]
    ranking_service.rank_round(review.id, now)
    session.expire_all()
    assert (review.state, review.seats_wanted) == (RoundState.RANKED, 2)
    refused(IllegalMove, overrides.close, officer, review.id, REASON, now)


def test_in_a_pool_round_sheets_that_are_in_stay_with_whoever_leaves(
    session: Session, now: datetime
) -> None:
    review = make_pool_round(scoring=True)
    officer = officer_of(review.challenge)
    seat = next(one for one in seats_of(review, SeatState.ACCEPTED) if len(one.sheets) > 1)
    kept = seat.sheets[0]
    submit_all(review, besides=[*seat.sheets[1:]])
    overrides.replace(officer, seat.id, REASON, now)
    seat = session.get_one(Seat, seat.id, populate_existing=True)
    assert seat.state is SeatState.DONE
    assert [one.bid_id for one in seat.given] == [kept.bid_id]
    assert [s.state for s in seat.sheets].count(SheetState.SUBMITTED) == 1
    assert round_queries.bids_of(session, seat)[0].id == kept.bid_id


def test_whoever_is_away_or_has_enough_to_review_is_passed_over(
    session: Session, now: datetime
) -> None:
    busy = make_round(scoring=True, spare=0)
    full = [seat.reviewer for seat in seats_of(busy)]
    for reviewer in full:
        reviewer.max_load = 3  # two bids of that round, and two of the next would be too many
    challenge = make_review_challenge()
    review = make_round(challenge=challenge, spare=1)
    asked = {seat.reviewer_id for seat in seats_of(review)}
    assert asked.isdisjoint(reviewer.id for reviewer in full)
    passed = session.scalars(select(DrawAsk).where(DrawAsk.challenge_id == challenge.id)).all()
    assert {tuple(one.passed_for) for one in passed if one.reviewer_id not in asked} <= {("full",)}
    known = [*asked, *(reviewer.id for reviewer in full)]
    away = session.scalars(select(Reviewer).where(Reviewer.id.not_in(known))).one()
    day = now.date()
    session.add(Absence(reviewer_id=away.id, since=day, until=day + 30 * DAY))
    session.commit()
    while review.state is RoundState.INVITING and seats_of(review, SeatState.INVITED):
        seat = seats_of(review, SeatState.INVITED)[0]
        answers.decline(reviewer_of(seat), seat.id, "近期出差,无法评审。", now)
        round_service.refill(review.id, now)
    codes = {
        one.reviewer_id: one.passed_for
        for one in session.scalars(select(DrawAsk).where(DrawAsk.challenge_id == challenge.id))
    }
    assert {tuple(codes[reviewer.id]) for reviewer in full} == {("full",)}
    assert codes[away.id] == ["away"]
