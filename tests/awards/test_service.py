"""From the ranking to the award: each step, its refusals, its traces."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.awards import chasing, queries, revising, rules, service
from portal.awards.models import Notice
from portal.awards.rules import NoticeKind, NoticeState
from portal.bids.rules import BidState
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Role
from portal.core.errors import (
    IllegalMove,
    Invalid,
    InvalidInput,
    NotAllowed,
    NotFound,
    Overtaken,
    TooEarly,
)
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor
from tests.factories.awards import (
    SCORES,
    WORDING,
    bids_of,
    lead_of,
    make_notice,
    make_objection,
    make_ranked_challenge,
    officer_of,
)
from tests.refusal import refused

REASON = "第一名牵头单位已承担两项在研项目,按限项规定不再支持。"
DEPARTING = replace(WORDING, reason=REASON)
SHORT = replace(WORDING, reason="太短")
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
        refused(NotAllowed, service.decide, stranger, challenge.id, [first.id], WORDING, now)
    notice = service.decide(officer_of(challenge), challenge.id, [first.id], WORDING, now)
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
    before = service.decide(officer, challenge.id, [first.id], WORDING, now)
    for seen in (0, 2):
        args = (officer, challenge.id, [second.id], DEPARTING, now, seen)
        refused(Overtaken, service.decide, *args)
    after = service.decide(officer, challenge.id, [second.id], DEPARTING, now, 1)
    assert after.id == before.id
    assert [place.bid_id for place in after.winners] == [second.id]
    assert after.deviation_reason == REASON


def test_a_reason_is_kept_only_where_the_choice_departs(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    first = bids_of(challenge)[0]
    notice = service.decide(officer_of(challenge), challenge.id, [first.id], DEPARTING, now)
    assert notice.deviation_reason == ""


def test_a_wrong_decision_writes_nothing(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    officer, (_, second, _, failed) = officer_of(challenge), bids_of(challenge)
    for chosen in ([], [second.id], [failed.id], [second.id, failed.id]):
        refused(InvalidInput, service.decide, officer, challenge.id, chosen, SHORT, now)
    assert session.scalar(select(Notice.id)) is None
    assert kinds(session) == []


def test_there_is_nothing_to_decide_before_the_ranking(session: Session, now: datetime) -> None:
    challenge = make_ranked_challenge()
    officer, first = officer_of(challenge), bids_of(challenge)[0]
    challenge.state = ChallengeState.REVIEWING
    session.commit()
    refused(IllegalMove, service.decide, officer, challenge.id, [first.id], WORDING, now)


def test_publishing_opens_the_window_and_tells_the_teams(session: Session, now: datetime) -> None:
    notice = make_notice()
    challenge, loser = notice.challenge, bids_of(notice.challenge)[1]
    refused(NotAllowed, service.publish_notice, make_actor(Role.CITY_OFFICER), notice.id, 1, now)
    refused(Overtaken, service.publish_notice, officer_of(challenge), notice.id, 0, now)
    service.publish_notice(officer_of(challenge), notice.id, 1, now)
    assert notice.state is NoticeState.PUBLISHED
    assert challenge.state is ChallengeState.NOTICED
    assert notice.window_ends_at is not None
    assert rules.last_day(notice.window_ends_at) - now > timedelta(days=7)
    assert topics(session) == [Topic.NOTICE_PUBLISHED.value]
    for _ in range(2):
        service.tell_of_notice(notice.id, now)
    assert len(inbox(session, loser.started_by)) == 1
    refused(IllegalMove, service.publish_notice, officer_of(challenge), notice.id, 1, now)


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


def test_an_upheld_objection_leads_to_a_new_decision_and_a_new_notice(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    challenge, (_, second, *_) = notice.challenge, bids_of(notice.challenge)
    officer, after = officer_of(challenge), notice.window_ends_at
    assert after is not None
    refused(IllegalMove, revising.withdraw_notice, officer, notice.id, REASON, now)
    make_objection(notice, upheld=True)
    refused(IllegalMove, service.confirm, officer, notice.id, after)
    stranger = make_actor(Role.CITY_OFFICER)
    refused(NotAllowed, revising.withdraw_notice, stranger, notice.id, REASON, after)
    refused(Invalid, revising.withdraw_notice, officer, notice.id, "太短", after)
    paper = revising.withdraw_notice(officer, notice.id, REASON, after)
    assert notice.state is NoticeState.WITHDRAWN
    assert (paper.kind, paper.replaces) == (NoticeKind.WITHDRAWAL, notice)
    assert challenge.state is ChallengeState.RANKED
    anew = service.decide(officer, challenge.id, [second.id], DEPARTING, after)
    service.publish_notice(officer, anew.id, 1, after)
    assert (anew.number, anew.replaces) == (3, paper)
    assert queries.numbers(session, challenge.id) == [3, 2, 1]
    assert len(inbox(session, second.started_by)) == 1


def test_a_correction_is_a_new_notice_and_the_old_one_stays_as_it_was(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    officer, said = officer_of(notice.challenge), notice.meeting
    right = replace(DEPARTING, meeting="2026年第13次主任办公会")
    refused(InvalidInput, revising.correct_notice, officer, notice.id, WORDING, now)
    stranger = make_actor(Role.CITY_OFFICER)
    refused(NotAllowed, revising.correct_notice, stranger, notice.id, right, now)
    later = now + timedelta(days=2)
    new = revising.correct_notice(officer, notice.id, right, later)
    assert (notice.state, notice.meeting) == (NoticeState.CORRECTED, said)
    assert (new.kind, new.replaces, new.meeting) == (NoticeKind.CORRECTION, notice, right.meeting)
    assert [p.bid_id for p in new.winners] == [p.bid_id for p in notice.winners]
    assert new.window_ends_at is not None
    assert notice.window_ends_at is not None
    assert new.window_ends_at > notice.window_ends_at
    assert new.fingerprint != notice.fingerprint
    make_objection(notice, upheld=True)
    refused(IllegalMove, service.confirm, officer, new.id, new.window_ends_at)


def test_a_published_notice_is_not_edited_even_past_the_portal(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    for change in (
        "UPDATE notices SET meeting = 'other'",
        "UPDATE notices SET window_ends_at = window_ends_at - interval '1 day'",
        "UPDATE notice_places SET support = '1'",
        "DELETE FROM notice_places",
    ):
        with pytest.raises(IntegrityError, match="is published"), session.begin_nested():
            session.execute(text(change))
    session.refresh(notice)


def test_a_winner_steps_back_and_the_next_in_order_steps_in(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    challenge, (first, second, *_) = notice.challenge, bids_of(notice.challenge)
    officer = officer_of(challenge)
    refused(NotAllowed, revising.renounce, lead_of(second), notice.id, first.id, REASON, now)
    refused(NotAllowed, revising.renounce, lead_of(second), notice.id, second.id, REASON, now)
    revising.renounce(lead_of(first), notice.id, first.id, REASON, now)
    refused(IllegalMove, revising.renounce, lead_of(first), notice.id, first.id, REASON, now)
    refused(IllegalMove, service.confirm, officer, notice.id, notice.window_ends_at)
    revising.withdraw_notice(officer, notice.id, REASON, now)
    refused(InvalidInput, service.decide, officer, challenge.id, [first.id], WORDING, now)
    case = queries.case(session, challenge)
    assert rules.proposed(case.ranked, 1) == [second.id]
    anew = service.decide(officer, challenge.id, [second.id], WORDING, now)
    assert anew.deviation_reason == ""


def test_nobody_is_awarded_with_a_reason_and_the_challenge_ends_after_the_window(
    session: Session, now: datetime
) -> None:
    challenge = make_ranked_challenge()
    officer, first = officer_of(challenge), bids_of(challenge)[0]
    refused(InvalidInput, service.decide, officer, challenge.id, [], SHORT, now, 0, True)
    notice = service.decide(officer, challenge.id, [], DEPARTING, now, 0, True)
    service.publish_notice(officer, notice.id, 1, now)
    after = notice.window_ends_at
    assert after is not None
    service.confirm(officer, notice.id, after)
    assert (notice.kind, challenge.state) == (NoticeKind.NO_AWARD, ChallengeState.FAILED)
    assert challenge.closing_reason == REASON
    assert first.state is BidState.LOST
    assert Topic.AWARD_CONFIRMED.value not in topics(session)


def test_a_window_is_closed_once_and_the_award_does_not_need_it(
    session: Session, now: datetime
) -> None:
    notice = make_notice(published=True)
    officer, after = officer_of(notice.challenge), notice.window_ends_at
    assert after is not None
    service.close_window(notice.id, after - timedelta(seconds=1))
    assert notice.state is NoticeState.PUBLISHED
    assert queries.to_close(session, after) == [notice.id]
    for _ in range(2):
        service.close_window(notice.id, after)
    assert notice.state is NoticeState.CLOSED
    assert queries.to_close(session, after) == []
    assert len(inbox(session, officer.user_id)) == 1
    service.confirm(officer, notice.id, after)
    assert notice.state is NoticeState.CONFIRMED


def test_what_waits_too_long_is_reminded_of_once(session: Session, now: datetime) -> None:
    draft, over = make_notice(), make_notice(published=True, at=now - timedelta(days=30))
    officers = [officer_of(one.challenge).user_id for one in (draft, over)]
    chasing.remind(now)
    assert [len(inbox(session, one)) for one in officers] == [0, 1]
    for _ in range(2):
        chasing.remind(now + timedelta(days=9))
    assert [len(inbox(session, one)) for one in officers] == [1, 1]


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
    refused(NotFound, service.publish_notice, officer, challenge.id, 1, now)
    refused(NotFound, service.confirm, officer, challenge.id, now)
    refused(NotFound, revising.withdraw_notice, officer, challenge.id, REASON, now)
