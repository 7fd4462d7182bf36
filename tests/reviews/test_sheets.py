"""Score sheets and the ranking: drafts, reasons, the last sheet, and two at the same moment."""

from datetime import datetime
from decimal import Decimal

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.rules import ChallengeState
from portal.core.errors import IllegalMove, InvalidInput, NotFound
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rankings.models import Ranking
from portal.reviews.rounds import answers
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets import service as sheet_service
from portal.reviews.sheets.rules import SheetState
from portal.reviews.sheets.service import Points
from tests.factories.awards import officer_of
from tests.factories.reviews import (
    REASON,
    make_round,
    points_for,
    reviewer_of,
    seats_of,
    submit_all,
)
from tests.refusal import refused
from tests.threads import at_once


def kinds(session: Session, kind: Action) -> int:
    return session.scalar(select(func.count()).where(Entry.kind == kind.value)) or 0


def topics(session: Session) -> list[str]:
    return list(session.scalars(select(Event.topic).order_by(Event.id)))


def news(session: Session, person_id: object) -> list[str]:
    query = select(InboxItem.subject).where(InboxItem.person_id == person_id)
    return list(session.scalars(query.order_by(InboxItem.at)))


def test_a_draft_keeps_what_was_typed_and_a_submitted_sheet_is_locked(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    seat, other = seats_of(review)[:2]
    sheet = seat.sheets[0]
    actor, criteria = reviewer_of(seat), review.challenge.criteria
    some = {criteria[0].id: Points(Decimal("20.5"), ""), criteria[1].id: Points(None, "待补充")}
    refused(NotFound, sheet_service.save_sheet, reviewer_of(other), sheet.id, some, "", now)
    sheet_service.save_sheet(actor, sheet.id, some, "总体可行", now)
    session.expire_all()
    assert {(s.points, s.reason) for s in sheet.scores} == {
        (Decimal("20.50"), ""),
        (None, "待补充"),
    }
    sheet_service.save_sheet(actor, sheet.id, {}, "", now)
    session.expire_all()
    assert (sheet.scores, sheet.state, sheet.total) == ([], SheetState.DRAFT, None)
    sheet_service.submit_sheet(actor, sheet.id, points_for(sheet), "同意", now)
    session.expire_all()
    assert (sheet.state, sheet.total) == (SheetState.SUBMITTED, Decimal(80))
    for act in (sheet_service.save_sheet, sheet_service.submit_sheet):
        refused(IllegalMove, act, actor, sheet.id, points_for(sheet), "改分", now)
    session.expire_all()
    assert sheet.comment == "同意"
    assert kinds(session, Action.SHEET_SUBMITTED) == 1


def test_points_are_within_the_weight_and_extreme_ones_have_reasons(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    sheet, actor = seat.sheets[0], reviewer_of(seat)
    good = points_for(sheet)
    first, second = list(good)[:2]
    weight = review.challenge.criteria[0].weight
    for points, fields in (
        (Points(Decimal(weight) + 1, REASON), ["lines.0.points"]),
        (Points(Decimal(-1), REASON), ["lines.0.points", "lines.0.points"]),
        (Points(Decimal("20.125"), REASON), ["lines.0.points"]),
        (Points(None, REASON), ["lines.0.points"]),
        (Points(Decimal(weight), "好" * 19), ["lines.0.reason"]),
        (Points(Decimal(0), ""), ["lines.0.reason"]),
    ):
        typed = {**good, first: points}
        refusal = refused(InvalidInput, sheet_service.submit_sheet, actor, sheet.id, typed, "", now)
        assert isinstance(refusal, InvalidInput)
        assert {problem.field for problem in refusal.problems} == set(fields)
    both = {**good, first: Points(None, ""), second: Points(Decimal(999), "")}
    refusal = refused(InvalidInput, sheet_service.submit_sheet, actor, sheet.id, both, "", now)
    assert isinstance(refusal, InvalidInput)
    assert {p.field.split(".")[1] for p in refusal.problems} == {"0", "1"}
    session.expire_all()
    assert (sheet.scores, sheet.state) == ([], SheetState.DRAFT)
    fair = {**good, first: Points(Decimal(weight) * 7 / 10, "")}
    sheet_service.submit_sheet(actor, sheet.id, fair, "", now)


def test_the_ranking_waits_for_the_last_sheet_and_is_frozen(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    last = seats_of(review)[0].sheets[0]
    submit_all(review, besides=[last])
    ranking_service.rank_round(review.id, now)
    assert session.scalar(select(Ranking.id)) is None
    full = [Decimal(criterion.weight) for criterion in review.challenge.criteria]
    seat = last.seat
    sheet_service.submit_sheet(reviewer_of(seat), last.id, points_for(last, full), "", now)
    for _ in range(2):
        ranking_service.rank_round(review.id, now)
    session.expire_all()
    ranking = session.scalars(select(Ranking)).one()
    assert [(p.place, p.mean, p.bid_id == last.bid_id) for p in ranking.places] == [
        (1, Decimal("86.67"), True),
        (2, Decimal("80.00"), False),
    ]
    assert (review.state, review.challenge.state) == (RoundState.RANKED, ChallengeState.RANKED)
    assert {seat.state for seat in seats_of(review)} == {SeatState.DONE}
    assert topics(session)[-1] == Topic.ROUND_RANKED.value
    assert kinds(session, Action.ROUND_RANKED) == 1
    officer = officer_of(review.challenge)
    session.commit()
    for _ in range(2):
        round_service.tell_officers(review.id, now)
    assert len(news(session, officer.user_id)) == 1


def test_a_reviewer_who_finds_a_conflict_leaves_and_the_round_goes_on(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    sheet = seat.sheets[0]
    leaver = reviewer_of(seat)
    sheet_service.submit_sheet(leaver, sheet.id, points_for(sheet), "", now)
    answers.decline(leaver, seat.id, "发现与申报单位有合作", now)
    session.expire_all()
    assert {one.state for one in seat.sheets} == {SheetState.VOID}
    refused(NotFound, sheet_service.submit_sheet, leaver, sheet.id, {}, "", now)
    for _ in range(2):
        round_service.refill(review.id, now)
    assert (review.state, len(seats_of(review))) == (RoundState.INVITING, 4)
    submit_all(review)
    ranking_service.rank_round(review.id, now)
    assert session.scalar(select(Ranking.id)) is None
    new = seats_of(review)[-1]
    answers.accept(reviewer_of(new), new.id, now)
    round_service.begin_scoring(review.id, now)
    submit_all(review)
    ranking_service.rank_round(review.id, now)
    session.expire_all()
    assert review.state is RoundState.RANKED
    ranking = session.scalars(select(Ranking)).one()
    assert len(ranking.inputs) == 6


def test_two_last_sheets_at_the_same_moment_make_one_ranking(
    app: Flask, session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    last = [seat.sheets[0] for seat in seats_of(review)[:2]]
    submit_all(review, besides=last)
    acts = [(reviewer_of(sheet.seat), sheet.id, points_for(sheet), review.id) for sheet in last]
    session.commit()

    def submit_and_rank(place: int) -> None:
        actor, sheet_id, points, round_id = acts[place]
        sheet_service.submit_sheet(actor, sheet_id, points, "", now)
        ranking_service.rank_round(round_id, now)

    both = at_once(app, lambda: submit_and_rank(0), lambda: submit_and_rank(1))
    assert both == [None, None]
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Ranking)) == 1
    assert review.state is RoundState.RANKED
    assert {seat.state for seat in seats_of(review)} == {SeatState.DONE}


def test_the_same_sheet_twice_at_the_same_moment_counts_once(
    app: Flask, session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    sheet = seats_of(review)[0].sheets[0]
    facts = (reviewer_of(sheet.seat), sheet.id, points_for(sheet), "", now)
    session.commit()
    outcomes = at_once(app, *[lambda: sheet_service.submit_sheet(*facts)] * 2)
    assert sorted(str(type(one).__name__) for one in outcomes) == ["IllegalMove", "NoneType"]
    assert kinds(session, Action.SHEET_SUBMITTED) == 1
