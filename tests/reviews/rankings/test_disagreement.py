"""Reviewers far apart: asked for reasons, in discussion, with a further one; the ranking waits."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.core.db import db
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed, NotFound
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rankings.disagreement import queries, service
from portal.reviews.rankings.disagreement.models import Party
from portal.reviews.rankings.disagreement.rules import DisagreementState
from portal.reviews.rankings.models import ScoreChange
from portal.reviews.rounds import answers, seating
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets import service as sheet_service
from tests.factories.accounts import make_actor
from tests.factories.awards import officer_of
from tests.factories.disagreements import (
    concerned,
    low_party,
    make_disputed,
    only_disagreement,
    points_now,
)
from tests.factories.reviews import points_for, reviewer_of, seats_of

DAY = timedelta(days=1)
WHY = "路线缺少关键部件的来源说明，风险偏高，故评分较低。"


def asked(party: Party):
    return reviewer_of(party.seat)


def state_of(review: Round) -> RoundState:
    db.session.expire_all()
    return db.session.get_one(Round, review.id).state


def rank(review: Round, now: datetime) -> RoundState:
    """What the worker does when a disagreement is closed."""
    ranking_service.rank_round(review.id, now)
    return state_of(review)


def test_marked_only_the_ranking_does_not_wait(now):
    review = make_disputed(on_disagreement="note")
    assert state_of(review) is RoundState.RANKED
    assert queries.of_round(db.session, review.id) == []


def test_the_ranking_waits_and_those_concerned_are_asked_once(now):
    review = make_disputed()
    found = only_disagreement(review)
    assert state_of(review) is RoundState.SCORING
    assert found.state is DisagreementState.ASKED
    assert Decimal(found.found["spread"]) == 60
    assert sorted(party.number for party in found.parties) == [1, 2, 3]
    assert low_party(found) in concerned(found)
    assert rank(review, now) is RoundState.SCORING  # twice: no second one, no second letter
    key = f"disagreement.asked:{found.id}"
    told = db.session.scalars(select(InboxItem.person_id).where(InboxItem.key == key)).all()
    people = [party.seat.reviewer.person_id for party in concerned(found)]
    assert sorted(told) == sorted(people)


def test_when_all_have_given_reasons_it_is_settled_and_the_round_is_ranked(now):
    review = make_disputed()
    found = only_disagreement(review)
    for party in concerned(found):
        assert only_disagreement(review).state is DisagreementState.ASKED
        service.answer(asked(party), found.id, {}, WHY, now)
    assert only_disagreement(review).state is DisagreementState.SETTLED
    topics = db.session.scalars(select(Event.topic)).all()
    assert Topic.DISAGREEMENT_CLOSED.value in topics
    assert rank(review, now) is RoundState.RANKED
    assert db.session.scalars(select(ScoreChange)).all() == []


def test_a_changed_score_keeps_the_old_one_with_its_reason_and_counts_in_the_ranking(now):
    review = make_disputed()
    found = only_disagreement(review)
    party = low_party(found)
    points = points_now(found, party)
    criterion = review.challenge.criteria[0]
    before = points[criterion.id]
    service.answer(asked(party), found.id, {**points, criterion.id: Decimal("20.5")}, WHY, now)
    ((change, score, seat_id),) = ranking_queries.changes_of(db.session, review.id, found.bid_id)
    assert (change.old_points, change.reason, seat_id) == (before, WHY, party.seat_id)
    assert (score.points, score.reason) == (Decimal("20.5"), WHY)
    sheet = queries.sheets_of(db.session, found)[party.seat_id]
    assert sheet.total == 20 - before + Decimal("20.5")
    for other in concerned(found):
        if other.seat_id != party.seat_id:
            service.answer(asked(other), found.id, {}, WHY, now)
    assert rank(review, now) is RoundState.RANKED
    ranking = ranking_queries.latest_ranking(db.session, review.challenge_id)
    assert ranking.inputs[str(sheet.id)]["total"] == str(sheet.total)


def test_what_a_score_was_cannot_be_rewritten_or_lost(now):
    review = make_disputed()
    found = only_disagreement(review)
    party = low_party(found)
    criterion = review.challenge.criteria[0]
    service.answer(asked(party), found.id, {criterion.id: Decimal(9)}, WHY, now)
    for act in ("UPDATE score_changes SET old_points = 1", "DELETE FROM score_changes"):
        with pytest.raises(DBAPIError, match="kept"), db.session.begin_nested():
            db.session.execute(text(act))


@pytest.mark.parametrize("points", ["-1", "25.5", "3.141"])
def test_points_outside_the_weight_are_refused(points, now):
    review = make_disputed()
    found = only_disagreement(review)
    criterion = review.challenge.criteria[0]
    with pytest.raises(InvalidInput):
        service.answer(asked(low_party(found)), found.id, {criterion.id: Decimal(points)}, WHY, now)


def test_only_who_reviewed_the_bid_answers_and_in_time_only(now):
    review = make_disputed()
    found = only_disagreement(review)
    party = low_party(found)
    with pytest.raises(NotFound):
        service.answer(make_actor(), found.id, {}, WHY, now)
    with pytest.raises(NotAllowed):
        service.answer(officer_of(review.challenge), found.id, {}, WHY, now)
    with pytest.raises(NotAllowed):
        service.answer(asked(party), found.id, {}, WHY, found.ends_at)
    assert service.answer(asked(party), found.id, {}, WHY, found.ends_at - DAY)


def test_when_its_time_is_over_the_ranking_goes_on_once(now):
    review = make_disputed()
    found = only_disagreement(review)
    assert queries.due(db.session, found.ends_at - DAY) == []
    for _ in range(2):
        for one in queries.due(db.session, found.ends_at):
            service.lapse(one, found.ends_at)
        service.lapse(found.id, found.ends_at)
    assert only_disagreement(review).state is DisagreementState.LAPSED
    events = db.session.scalars(select(Event.topic)).all()
    assert events.count(Topic.DISAGREEMENT_CLOSED.value) == 1
    assert rank(review, found.ends_at) is RoundState.RANKED


def test_in_a_discussion_all_speak_under_numbers_and_an_officer_closes_it(now):
    review = make_disputed(on_disagreement="discussion")
    found = only_disagreement(review)
    assert found.state is DisagreementState.DISCUSSING
    for party in found.parties:
        service.say(asked(party), found.id, "请说明部件来源。", now)
    service.say(officer_of(review.challenge), found.id, "请各位补充依据。", now)
    with pytest.raises(NotFound):
        service.say(make_actor(), found.id, "旁人", now)
    said = only_disagreement(review).messages
    assert [one.party.number if one.party else None for one in said[:3]] == [1, 2, 3]
    assert said[3].officer_id is not None
    with pytest.raises(NotAllowed):
        service.settle(asked(found.parties[0]), found.id, WHY, now)
    service.settle(officer_of(review.challenge), found.id, WHY, now)
    assert only_disagreement(review).closing == WHY
    assert rank(review, now) is RoundState.RANKED
    with pytest.raises(NotAllowed):
        service.say(asked(found.parties[0]), found.id, "太晚", now)


def test_a_discussion_after_reasons_asks_everybody_anew(now):
    review = make_disputed()
    found = only_disagreement(review)
    service.answer(asked(low_party(found)), found.id, {}, WHY, now)
    service.discuss(officer_of(review.challenge), found.id, now)
    again = only_disagreement(review)
    assert again.state is DisagreementState.DISCUSSING
    assert {party.answered_at for party in again.parties} == {None}
    for party in again.parties:
        service.answer(asked(party), found.id, {}, WHY, now)
    assert only_disagreement(review).state is DisagreementState.SETTLED


def test_a_further_reviewer_scores_the_bid_in_dispute_only_and_the_round_is_ranked(now):
    review = make_disputed(on_disagreement="third")
    found = only_disagreement(review)
    assert found.state is DisagreementState.WIDENED
    (seat,) = [one for one in seats_of(review) if one.only_bid_id]
    assert seat.state is SeatState.INVITED
    assert not seating.vacant(db.session, review)
    answers.accept(reviewer_of(seat), seat.id, now)
    for _ in range(2):  # the worker's task, twice
        round_service.begin_scoring(review.id, now)
        service.ask_further(review.id, now)
    (seat,) = [one for one in seats_of(review) if one.only_bid_id]
    (sheet,) = seat.sheets
    assert sheet.bid_id == found.bid_id
    assert rank(review, now) is RoundState.SCORING
    sheet_service.submit_sheet(reviewer_of(seat), sheet.id, points_for(sheet), "", now)
    assert rank(review, now) is RoundState.RANKED
    assert only_disagreement(review).state is DisagreementState.SETTLED
    ranking = ranking_queries.latest_ranking(db.session, review.challenge_id)
    assert str(sheet.id) in ranking.inputs


def test_a_further_reviewer_who_declines_is_followed_by_the_next(now):
    review = make_disputed(on_disagreement="third")
    (first,) = [one for one in seats_of(review) if one.only_bid_id]
    answers.decline(reviewer_of(first), first.id, "时间不允许", now)
    for _ in range(2):
        round_service.refill(review.id, now)
        service.ask_further(review.id, now)
    further = [one for one in seats_of(review) if one.only_bid_id]
    assert [one.state for one in further] == [SeatState.DECLINED, SeatState.INVITED]
    assert state_of(review) is RoundState.SCORING


def test_when_the_time_of_a_further_reviewer_is_over_the_draft_is_void(now):
    review = make_disputed(on_disagreement="third")
    found = only_disagreement(review)
    (seat,) = [one for one in seats_of(review) if one.only_bid_id]
    answers.accept(reviewer_of(seat), seat.id, now)
    service.ask_further(review.id, now)
    service.lapse(found.id, found.ends_at)
    assert rank(review, found.ends_at) is RoundState.RANKED
    ranking = ranking_queries.latest_ranking(db.session, review.challenge_id)
    assert len(ranking.inputs) == 6


def test_with_nobody_left_in_the_order_reasons_are_asked_and_an_officer_is_told_so(now):
    review = make_disputed(on_disagreement="reasons")
    found = only_disagreement(review)
    officer = officer_of(review.challenge)
    db.session.execute(text("UPDATE reviewers SET state = 'resting'"))
    with pytest.raises(IllegalMove):
        service.widen(officer, found.id, now)
    assert only_disagreement(review).state is DisagreementState.ASKED
