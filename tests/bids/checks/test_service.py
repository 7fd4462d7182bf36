"""The formal check in use: two officers side by side, a correction, a refusal and its reply."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.bids import todo
from portal.bids.checks import policy, queries, readings, rules, service, team, telling
from portal.bids.checks.models import Reply
from portal.bids.checks.queries import Waiting
from portal.bids.checks.rules import Answer, Verdict
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.sections.rules import Section
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed, NotFound, Overtaken
from portal.core.files import FileStore
from portal.notifications.models import InboxItem
from portal.reviews.rounds import service as round_service
from tests.factories.accounts import make_actor
from tests.factories.bids import PDF, make_bid
from tests.factories.challenges import make_officer
from tests.refusal import refused

HOLDS, FAILS = Answer(Verdict.HOLDS, "已核验"), Answer(Verdict.FAILS, "联合协议未盖章")
WHY = "联合揭榜协议未加盖公章。"


@pytest.fixture
def bid(session: Session) -> Bid:
    return make_bid(opened=True)


def officer_of(bid: Bid) -> Actor:
    return actor_of(make_officer(bid.challenge))


def lead_of(session: Session, bid: Bid) -> Actor:
    return actor_of(session.get_one(Person, bid.started_by))


def told(session: Session, who: Actor) -> int:
    return len(session.scalars(select(InboxItem).where(InboxItem.person_id == who.user_id)).all())


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def settle(officer: Actor, bid: Bid, session: Session, now: datetime, store: FileStore) -> None:
    """Answer whatever does not hold by itself."""
    rows = queries.answers(session, bid.id)
    readings.read_bid(bid.id, store, now)
    for item in queries.items(session, bid):
        row = rows.get(item.key)
        if rules.verdict_of(item, row.answer if row else None) is not Verdict.HOLDS:
            seen = row.revision if row else 0
            service.answer_item(officer, bid.id, item.key, HOLDS, seen, now, store)


def refuse(officer: Actor, bid: Bid, now: datetime, store: FileStore) -> None:
    service.answer_item(officer, bid.id, "agreement", FAILS, 0, now, store)
    service.refuse(officer, bid.id, WHY, now, store)


def test_the_list_is_made_of_the_rules_of_the_challenge(
    session: Session, bid: Bid, now: datetime, store: FileStore
) -> None:
    store.put(PDF)

    def findings() -> dict[str, Verdict]:
        session.commit()
        readings.read_bid(bid.id, store, now)
        return {item.key: item.finding for item in queries.items(session, bid)}

    found = findings()
    for indicator in bid.challenge.indicators:
        assert found[f"indicator:{indicator.id}"] is Verdict.HOLDS
    for home in (bid.lead_id, bid.partners[0].organisation_id):
        assert found[f"code:{home}"] is Verdict.HOLDS
    assert found[f"consent:{bid.partners[0].organisation_id}"] is Verdict.HOLDS
    by_hand = {key for key, verdict in found.items() if verdict is Verdict.OPEN}
    assert by_hand == {"agreement", "credit", "substance"}
    assert "foreign_share" not in found
    bid.challenge.settings = replace(bid.challenge.rules, foreign_share_allowed=False).to_json()
    bid.lead.foreign_share = True
    bid.lead.uscc = "91110107000000000X"
    bid.partners[0].consents = []
    bid.versions[-1].file.sha256 = "0" * 64
    found = findings()
    failing = {key for key, verdict in found.items() if verdict is Verdict.FAILS}
    assert failing == {
        "foreign_share",
        f"code:{bid.lead_id}",
        f"consent:{bid.partners[0].organisation_id}",
        "file:0",
    }


def test_two_officers_answer_side_by_side_and_a_lost_update_is_refused(
    session: Session, bid: Bid, now: datetime, store: FileStore
) -> None:
    first, second = officer_of(bid), officer_of(bid)
    answer = service.answer_item
    for other in (make_actor(Role.CITY_OFFICER), make_actor(Role.AUDITOR), lead_of(session, bid)):
        refused(NotAllowed, answer, other, bid.id, "credit", HOLDS, 0, now, store)
    refused(NotFound, answer, first, bid.id, "no such item", HOLDS, 0, now, store)
    service.take(first, bid.id, now)
    answer(first, bid.id, "credit", HOLDS, 0, now, store)
    answer(second, bid.id, "substance", HOLDS, 0, now, store)  # another item: no collision
    refused(Overtaken, answer, second, bid.id, "credit", FAILS, 0, now, store)
    row = queries.answers(session, bid.id)["credit"]
    assert (row.verdict, row.answered_by, row.revision) == (Verdict.HOLDS, first.user_id, 1)
    answer(second, bid.id, "credit", FAILS, 1, now, store)
    session.expire_all()
    desk = queries.desks(session, [bid.id])[bid.id]
    assert (desk.officer, desk.answered) == (first.name, 2)
    silent = Answer(Verdict.FAILS, " ")
    refused(InvalidInput, answer, first, bid.id, "credit", silent, 2, now, store)


def test_a_bid_passes_when_every_item_holds_and_the_list_is_kept(
    session: Session, bid: Bid, now: datetime, store: FileStore
) -> None:
    officer, lead = officer_of(bid), lead_of(session, bid)
    refused(IllegalMove, service.pass_check, officer, bid.id, now, store)
    service.answer_item(officer, bid.id, "file:0", HOLDS, 0, now, store)
    refused(IllegalMove, service.refuse, officer, bid.id, WHY, now, store)  # nothing fails yet
    settle(officer, bid, session, now, store)
    service.pass_check(officer, bid.id, now, store)
    session.expire_all()
    assert bid.state is BidState.ELIGIBLE
    kept = queries.answers(session, bid.id).values()
    assert all(row.label and row.answer_counts is Verdict.HOLDS for row in kept)
    assert kinds(session)[-1] == Action.FORMAL_CHECK_PASSED.value
    for _ in range(2):
        telling.tell_outcome(bid.id, now)
    assert told(session, lead) == 1
    refused(IllegalMove, service.pass_check, officer, bid.id, now, store)
    assert bid_queries.eligible(session, bid.challenge_id) == [bid]


def test_a_correction_changes_the_named_sections_and_nothing_else(
    session: Session, bid: Bid, now: datetime, store: FileStore
) -> None:
    officer, lead = officer_of(bid), lead_of(session, bid)
    original = bid.terms
    bid.terms = replace(original, title="截止后又写的题目")  # written after the submission
    ask, hand_in = service.ask_correction, team.hand_in_correction
    refused(NotAllowed, ask, lead, bid.id, [Section.ROUTE], WHY, 3, now)
    refused(InvalidInput, ask, officer, bid.id, [], WHY, 3, now)
    refused(NotAllowed, hand_in, lead, bid.id, "", now, store)
    due = ask(officer, bid.id, [Section.ROUTE], WHY, 3, now).due_at
    session.expire_all()
    assert (bid.state, bid.terms) == (BidState.CORRECTING, original)
    assert told(session, lead) == 1
    assert policy.is_correcting(bid, Section.ROUTE, now)
    assert not policy.is_correcting(bid, Section.BUDGET, now)
    assert not policy.is_correcting(bid, Section.ROUTE, due)
    refused(IllegalMove, service.take, officer, bid.id, now)  # it is the team's turn
    refused(InvalidInput, hand_in, lead, bid.id, "", now, store)  # nothing is changed
    session.commit()
    assert [one.endpoint for one in todo.open_items(session, lead, now)] == ["checks.result"]
    bid.terms = replace(original, route="补充后的路线", summary="顺手改的摘要")
    refused(InvalidInput, hand_in, lead, bid.id, "", now, store)
    bid.terms = replace(original, route="")
    refused(InvalidInput, hand_in, lead, bid.id, "", now, store)
    bid.terms = replace(original, route="补充后的路线")
    refused(NotAllowed, hand_in, make_actor(Role.BIDDER_LEAD), bid.id, "", now, store)
    refused(NotAllowed, hand_in, lead, bid.id, "", due, store)
    version = hand_in(lead, bid.id, "已补充路线。", now, store)
    session.expire_all()
    assert (bid.state, version.number) == (BidState.OPENED, 2)
    before, after = bid.versions[0].fields, version.fields
    assert rules.changed_parts(before, after) == {"route"}
    in_time = {item.key: item.finding for item in queries.items(session, bid)}["in_time"]
    assert in_time is Verdict.HOLDS  # what counts is when the bid it corrects came
    refused(NotAllowed, ask, officer, bid.id, [Section.ROUTE], WHY, 3, now)  # once


def test_a_correction_that_does_not_come_lapses_with_or_without_the_clockwork(
    session: Session, now: datetime, store: FileStore
) -> None:
    late, swept = make_bid(opened=True), make_bid(opened=True)
    for bid in (late, swept):
        service.ask_correction(officer_of(bid), bid.id, [Section.ROUTE], WHY, 1, now)
    due = rules.due_at(now, 1)
    team.close_correction(swept.id, due - timedelta(seconds=1))
    assert swept.state is BidState.CORRECTING
    assert queries.due_corrections(session, due) == sorted([late.id, swept.id])
    for _ in range(2):
        team.close_correction(swept.id, due)
    service.take(officer_of(late), late.id, due)
    session.expire_all()
    for bid in (late, swept):
        assert bid.correction is not None
        assert (bid.state, bid.correction.lapsed_at) == (BidState.OPENED, due)
    assert told(session, lead_of(session, swept)) == 2


@pytest.mark.parametrize("upheld", [True, False])
def test_a_refusal_is_contested_once_in_time_and_another_officer_decides(
    session: Session, bid: Bid, now: datetime, store: FileStore, upheld: bool
) -> None:
    first, second, lead = officer_of(bid), officer_of(bid), lead_of(session, bid)
    refuse(first, bid, now, store)
    session.expire_all()
    assert bid.state is BidState.REJECTED
    until = queries.reply_until(bid)
    assert until is not None
    session.commit()
    desk = [(one.endpoint, one.due) for one in todo.open_items(session, lead, now)]
    assert desk == [("checks.result", until)]
    for who, at in ((lead, until), (make_actor(Role.BIDDER_LEAD), now), (second, now)):
        items = todo.open_items(session, who, at)
        assert "checks.result" not in [one.endpoint for one in items]
    refused(NotAllowed, team.reply, make_actor(Role.BIDDER_LEAD), bid.id, WHY, now)
    refused(NotAllowed, team.reply, lead, bid.id, WHY, until)
    refused(InvalidInput, team.reply, lead, bid.id, "短", now)
    assert isinstance(team.reply(lead, bid.id, "协议第三页已盖章,见附件。", now), Reply)
    assert told(session, second) == 1
    assert todo.open_items(session, lead, now) == []
    decide = service.decide_reply
    refused(NotAllowed, decide, first, bid.id, upheld, WHY, now)
    refused(InvalidInput, decide, second, bid.id, upheld, "短", now)
    decide(second, bid.id, upheld, "经复核,协议确已盖章。", now)
    session.expire_all()
    assert bid.state is (BidState.ELIGIBLE if upheld else BidState.REJECTED)
    refused(NotAllowed, team.reply, lead, bid.id, WHY, now)  # one reply a bid
    refused(NotAllowed, decide, second, bid.id, upheld, WHY, now)
    assert told(session, lead) == 1


def test_no_review_begins_while_a_check_a_correction_or_a_reply_is_open(
    session: Session, bid: Bid, now: datetime, store: FileStore
) -> None:
    passed = make_bid(eligible=True, challenge=bid.challenge)
    officer, second, lead = officer_of(bid), officer_of(bid), lead_of(session, bid)

    def why(at: datetime = now) -> list[Waiting]:
        session.expire_all()
        return [wait.why for wait in queries.waits(session, bid.challenge_id, at)]

    def start() -> str:
        return str(refused(IllegalMove, round_service.start_round, officer, bid.challenge_id, now))

    assert why() == [Waiting.CHECK]
    assert "cannot begin yet" in start()
    service.ask_correction(officer, bid.id, [Section.ROUTE], WHY, 1, now)
    due = rules.due_at(now, 1)
    assert (why(), why(due)) == ([Waiting.CORRECTION], [Waiting.CHECK])
    assert "cannot begin yet" in start()
    team.close_correction(bid.id, due)
    refuse(officer, bid, now, store)
    assert (why(), why(rules.reply_until(now))) == ([Waiting.RIGHT], [])
    assert "cannot begin yet" in start()
    team.reply(lead, bid.id, "协议第三页已盖章,见附件。", now)
    assert why(rules.reply_until(now)) == [Waiting.REPLY]
    service.decide_reply(second, bid.id, False, "经复核,协议未盖章。", now)
    assert why() == []
    assert passed.state is BidState.ELIGIBLE
