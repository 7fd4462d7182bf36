"""From the ranking to the award: each step, its refusals, its traces."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.awards import queries, rules, service
from portal.awards.models import Notice
from portal.awards.rules import NoticeState, ObjectionState
from portal.bids.rules import BidState
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Role
from portal.core.errors import (
    DeadlinePassed,
    IllegalMove,
    Invalid,
    InvalidInput,
    NotAllowed,
    NotFound,
    TooEarly,
)
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor
from tests.factories.awards import (
    SCORES,
    bids_of,
    lead_of,
    make_notice,
    make_objection,
    make_ranked_challenge,
    officer_of,
)
from tests.refusal import refused

MEETING = "2026年第12次主任办公会"
REASON = "第一名牵头单位已承担两项在研项目,按限项规定不再支持。"
TEXT = "牵头单位与出题单位存在关联关系,请核实其股权结构。"


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def topics(session: Session) -> list[str]:
    return list(session.scalars(select(Event.topic).order_by(Event.id)))


def inbox(session: Session, person_id: object) -> list[str]:
    query = select(InboxItem.subject).where(InboxItem.person_id == person_id)
    return list(session.scalars(query.order_by(InboxItem.at)))


def test_an_officer_decides_and_a_stranger_does_not(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    first = bids_of(challenge)[0]
    for stranger in (make_actor(Role.CITY_OFFICER), lead_of(first)):
        refused(NotAllowed, service.decide, stranger, challenge.id, [first.id], MEETING, "", now)
    notice = service.decide(officer_of(challenge), challenge.id, [first.id], MEETING, "", now)
    assert notice.state is NoticeState.DECIDED
    assert challenge.state is ChallengeState.RANKED
    assert [place.bid_id for place in notice.winners] == [first.id]
    assert notice.winners[0].support == str(first.versions[-1].terms.public_money)
    assert notice.winners[0].partners == [first.partners[0].organisation.name]
    assert len(notice.places) == len(SCORES)
    assert kinds(session) == [Action.AWARD_DECIDED.value]


def test_a_draft_is_decided_anew_and_keeps_its_number(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    officer, (first, second, *_) = officer_of(challenge), bids_of(challenge)
    before = service.decide(officer, challenge.id, [first.id], MEETING, "", now)
    after = service.decide(officer, challenge.id, [second.id], MEETING, REASON, now)
    assert after.id == before.id
    assert [place.bid_id for place in after.winners] == [second.id]
    assert after.deviation_reason == REASON


def test_a_reason_is_kept_only_where_the_choice_departs(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    first = bids_of(challenge)[0]
    notice = service.decide(officer_of(challenge), challenge.id, [first.id], MEETING, REASON, now)
    assert notice.deviation_reason == ""


def test_a_wrong_decision_writes_nothing(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    officer, (_, second, _, failed) = officer_of(challenge), bids_of(challenge)
    for chosen in ([], [second.id], [failed.id], [second.id, failed.id]):
        refused(InvalidInput, service.decide, officer, challenge.id, chosen, MEETING, "太短", now)
    assert session.scalar(select(Notice.id)) is None
    assert kinds(session) == []


def test_there_is_nothing_to_decide_before_the_ranking(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    officer, first = officer_of(challenge), bids_of(challenge)[0]
    challenge.state = ChallengeState.REVIEWING
    session.commit()
    refused(IllegalMove, service.decide, officer, challenge.id, [first.id], MEETING, "", now)


def test_publishing_opens_the_window_and_tells_the_teams(session: Session, now: datetime) -> None:
    notice = make_notice()
    challenge, loser = notice.challenge, bids_of(notice.challenge)[1]
    refused(NotAllowed, service.publish_notice, make_actor(Role.CITY_OFFICER), notice.id, now)
    service.publish_notice(officer_of(challenge), notice.id, now)
    assert notice.state is NoticeState.PUBLISHED
    assert challenge.state is ChallengeState.NOTICED
    assert notice.window_ends_at is not None
    assert rules.last_day(notice.window_ends_at) - now > timedelta(days=7)
    assert topics(session) == [Topic.NOTICE_PUBLISHED.value]
    for _ in range(2):
        service.tell_of_notice(notice.id, now)
    assert len(inbox(session, loser.started_by)) == 1
    refused(IllegalMove, service.publish_notice, officer_of(challenge), notice.id, now)


def test_an_objection_reaches_the_officers_and_its_answer_the_objector(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    officer, objector = officer_of(notice.challenge), make_actor(Role.BIDDER_LEAD)
    refused(NotAllowed, service.raise_objection, officer, notice.id, TEXT, now)
    refused(Invalid, service.raise_objection, objector, notice.id, "不服", now)
    objection = service.raise_objection(objector, notice.id, TEXT, now)
    refused(Invalid, service.raise_objection, objector, notice.id, TEXT, now)
    assert len(inbox(session, officer.user_id)) == 1
    refused(NotAllowed, service.answer_objection, objector, objection.id, False, TEXT, now)
    refused(Invalid, service.answer_objection, officer, objection.id, False, "不成立", now)
    service.answer_objection(officer, objection.id, False, TEXT, now)
    assert objection.state is ObjectionState.DISMISSED
    assert len(inbox(session, objector.user_id)) == 1
    refused(IllegalMove, service.answer_objection, officer, objection.id, True, TEXT, now)
    assert kinds(session) == [Action.OBJECTION_RAISED.value, Action.OBJECTION_ANSWERED.value]


def test_an_objection_at_the_closing_instant_is_late(session: Session, now: datetime) -> None:
    notice = make_notice(published=True)
    assert notice.window_ends_at is not None
    refused(
        DeadlinePassed,
        service.raise_objection,
        make_actor(Role.BIDDER_LEAD),
        notice.id,
        TEXT,
        notice.window_ends_at,
    )
    last = notice.window_ends_at - timedelta(microseconds=1)
    service.raise_objection(make_actor(Role.BIDDER_LEAD), notice.id, TEXT, last)


def test_the_award_waits_for_the_window_and_then_bids_win_or_lose(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    challenge, (first, second, *_) = notice.challenge, bids_of(notice.challenge)
    officer, after = officer_of(challenge), notice.window_ends_at
    assert after is not None
    refused(TooEarly, service.confirm, officer, notice.id, after - timedelta(seconds=1))
    assert notice.state is NoticeState.PUBLISHED
    refused(NotAllowed, service.confirm, lead_of(first), notice.id, after)
    service.confirm(officer, notice.id, after)
    assert notice.state is NoticeState.CONFIRMED
    assert notice.confirmed_at == after
    assert challenge.state is ChallengeState.AWARDED
    states = [bid.state for bid in bids_of(challenge)]
    assert states == [BidState.WON, *[BidState.LOST] * 3]
    assert topics(session) == [Topic.AWARD_CONFIRMED.value]
    assert inbox(session, first.started_by) != inbox(session, second.started_by)
    refused(IllegalMove, service.confirm, officer, notice.id, after)


def test_an_open_objection_holds_the_award(session: Session, now: datetime) -> None:
    notice = make_notice(published=True)
    objection = make_objection(notice)
    officer, after = officer_of(notice.challenge), notice.window_ends_at
    assert after is not None
    refused(IllegalMove, service.confirm, officer, notice.id, after)
    service.answer_objection(officer, objection.id, False, TEXT, after)
    service.confirm(officer, notice.id, after)
    assert notice.state is NoticeState.CONFIRMED


def test_an_upheld_objection_leads_to_a_new_decision_and_a_new_notice(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    challenge, (_, second, *_) = notice.challenge, bids_of(notice.challenge)
    officer, after = officer_of(challenge), notice.window_ends_at
    assert after is not None
    refused(IllegalMove, service.withdraw_notice, officer, notice.id, now)
    make_objection(notice, upheld=True)
    refused(IllegalMove, service.confirm, officer, notice.id, after)
    refused(NotAllowed, service.withdraw_notice, make_actor(Role.CITY_OFFICER), notice.id, after)
    service.withdraw_notice(officer, notice.id, after)
    assert notice.state is NoticeState.WITHDRAWN
    assert challenge.state is ChallengeState.RANKED
    anew = service.decide(officer, challenge.id, [second.id], MEETING, REASON, after)
    service.publish_notice(officer, anew.id, after)
    assert anew.number == 2
    assert queries.numbers(session, challenge.id) == [2, 1]
    assert len(inbox(session, second.started_by)) == 1


def test_a_ranking_without_hope_is_closed_without_an_award(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge(scores=SCORES[-1:])
    officer, bid = officer_of(challenge), bids_of(challenge)[0]
    refused(Invalid, service.close_without_award, officer, challenge.id, "没有", now)
    service.close_without_award(
        officer, challenge.id, "全部揭榜方案均未达到七十分合格线,本榜题流榜。", now
    )
    assert challenge.state is ChallengeState.FAILED
    assert bid.state is BidState.LOST
    assert len(inbox(session, bid.started_by)) == 1


def test_a_ranking_with_hope_is_not_closed(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    refused(NotAllowed, service.close_without_award, officer_of(challenge), challenge.id, TEXT, now)


def test_what_is_not_there_is_not_found(session: Session, now: datetime) -> None:
    challenge: Challenge = make_ranked_challenge()
    officer = officer_of(challenge)
    for act in (service.publish_notice, service.withdraw_notice, service.confirm):
        refused(NotFound, act, officer, challenge.id, now)
    refused(NotFound, service.answer_objection, officer, challenge.id, True, TEXT, now)
