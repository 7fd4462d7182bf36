"""After an amendment: who is told, what a team with a submitted bid says, what counts anew."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.bids import service as bids
from portal.bids import todo
from portal.bids.amended import policy, queries, service
from portal.bids.amended.models import Acknowledgement
from portal.bids.amended.rules import awaits_word
from portal.bids.models import Bid
from portal.bids.opening import count_handed_in
from portal.bids.rules import BidState, opens_at
from portal.bids.sections.queries import missing
from portal.challenges.amendments import service as amendments
from portal.challenges.content import facts_of
from portal.challenges.finding.models import Follow
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState, Operator
from portal.challenges.settings import Settings
from portal.challenges.sheet import IndicatorFacts
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed, NotFound, TooEarly
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor, make_person
from tests.factories.amendments import REASON, make_amendment, officer_of
from tests.factories.bids import hand_in, make_bid, make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids
from tests.factories.questions import make_question
from tests.refusal import refused

NUMBERS = st.integers(0, 5)


def lead_of(session: Session, bid: Bid) -> Actor:
    return actor_of(session.get_one(Person, bid.started_by))


def told(session: Session) -> dict[object, str]:
    query = select(InboxItem.person_id, InboxItem.url).where(InboxItem.key.like("amendment:%"))
    return dict(session.execute(query).all())


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_word_is_asked_for_while_an_amendment_is_newer_than_all_that_was_said(
    amended: int, answers: int, acknowledged: int
) -> None:
    waits = awaits_word(BidState.SUBMITTED, amended, answers, acknowledged)
    assert waits == (amended > answers and amended > acknowledged)
    others = [state for state in BidState if state is not BidState.SUBMITTED]
    assert not any(awaits_word(state, amended, answers, acknowledged) for state in others)


def test_teams_followers_askers_and_officers_are_told_once_and_others_not(
    session: Session, now: datetime
) -> None:
    challenge = make_bid_challenge()
    drafted, handed_in = (
        make_bid(challenge=challenge),
        make_bid(submitted=True, challenge=challenge),
    )
    follower, stranger = make_person(Role.BIDDER_LEAD), make_person(Role.BIDDER_LEAD)
    for person in (follower.id, handed_in.started_by):
        session.add(Follow(challenge_id=challenge.id, person_id=person, at=now))
    asker = make_question(challenge).asked_by
    made = make_amendment(challenge, applied=True)
    for _ in range(2):
        service.tell_of_amendment(made.id, now)
    heard = told(session)
    assert heard[drafted.started_by] == f"/bids/{drafted.id}"
    assert heard[handed_in.started_by] == f"/bids/{handed_in.id}", "the team's news comes first"
    assert heard[asker] == heard[follower.id]
    assert heard[follower.id] == f"/challenges/{challenge.code}/amendments/1"
    assert made.proposed_by in heard
    assert stranger.id not in heard
    service.tell_of_amendment(uuid4(), now)
    assert told(session) == heard


def test_a_team_that_has_handed_in_confirms_or_submits_again(
    session: Session, now: datetime
) -> None:
    challenge = make_bid_challenge()
    bid, other = (make_bid(submitted=True, challenge=challenge) for _ in range(2))
    lead = lead_of(session, bid)
    session.commit()
    assert queries.unanswered(session, bid) is None
    refused(IllegalMove, service.acknowledge, lead, bid.id, 1, now)
    make_amendment(challenge, applied=True)
    session.expire_all()
    assert queries.unanswered(session, bid) == 1
    assert [one.id for one in queries.to_look_at(session, lead, now)] == [bid.id]
    for stranger in (make_actor(Role.BIDDER_LEAD), officer_of(challenge), lead_of(session, other)):
        refused(NotAllowed, service.acknowledge, stranger, bid.id, 1, now)
    refused(NotFound, service.acknowledge, lead, uuid4(), 1, now)
    for _ in range(2):
        service.acknowledge(lead, bid.id, 1, now)
    said = session.scalars(select(Acknowledgement)).one()
    assert (said.bid_id, said.number, said.given_by) == (bid.id, 1, lead.user_id)
    kinds = list(session.scalars(select(Entry.kind)))
    assert kinds.count(Action.AMENDMENT_ACKNOWLEDGED.value) == 1
    assert queries.unanswered(session, bid) is None
    assert queries.to_look_at(session, lead, now) == []
    assert queries.unanswered(session, other) == 1
    make_amendment(challenge, applied=True, months=36)
    session.expire_all()
    assert queries.unanswered(session, bid) == 2, "the next one has to be looked at as well"
    refused(IllegalMove, service.acknowledge, lead, bid.id, 1, now)
    bid.terms = replace(bid.terms, title="按更正后的榜题重新编写的方案")
    session.commit()
    hand_in(lead, bid.id, now)
    session.expire_all()
    assert bid.versions[-1].answers == 2
    assert queries.unanswered(session, bid) is None


def test_after_the_deadline_nothing_is_confirmed(session: Session, now: datetime) -> None:
    bid = make_bid(submitted=True)
    lead, closes_at = lead_of(session, bid), bid.challenge.closes_at
    make_amendment(bid.challenge, applied=True)
    assert closes_at is not None
    assert policy.may_acknowledge(lead, bid, closes_at - timedelta(seconds=1))
    refused(NotAllowed, service.acknowledge, lead, bid.id, 1, closes_at)
    drafted = make_bid(challenge=bid.challenge)
    assert not policy.may_acknowledge(lead_of(session, drafted), drafted, now)


def test_amended_indicators_are_what_the_bid_is_measured_by(session: Session) -> None:
    bid = make_bid(submitted=True)
    challenge = bid.challenge
    assert missing(bid) == []
    output, views = facts_of(challenge).indicators
    stricter = IndicatorFacts(**{**vars(views), "value": Decimal(12)})
    new = IndicatorFacts("端到端时延", Operator.AT_MOST, Decimal(150), None, "ms", "实测", True)
    make_amendment(challenge, applied=True, indicators=(output, stricter, new))
    session.expire_all()
    found = {problem.field for problem in missing(bid)}
    assert found == {"promises.1.value", "promises.2.value"}
    kept = {promise.indicator_id for promise in bid.terms.promises}
    assert {row.id for row in challenge.indicators[:2]} == kept
    make_amendment(challenge, applied=True, indicators=(output,))
    session.expire_all()
    assert missing(bid) == [], "what is no longer asked is no longer missed"


def asked_for(challenge: Challenge, least: int) -> None:
    challenge.settings = {**challenge.settings, "bids_min": least}


def test_fewer_bids_than_asked_for_are_not_opened_but_extended_or_given_up(
    session: Session, now: datetime
) -> None:
    challenge = make_bid_challenge(days=1)
    asked_for(challenge, 2)
    bid = make_bid(submitted=True, challenge=challenge)
    assert challenge.closes_at is not None
    own, at = officer_of(challenge), opens_at(challenge.closes_at)
    session.commit()
    refused(TooEarly, count_handed_in, session, challenge, challenge.closes_at)
    assert count_handed_in(session, challenge, at) == 1
    refused(IllegalMove, open_bids, own, challenge.id, at)
    made = amendments.extend(own, challenge.id, at + timedelta(days=20), REASON, at)
    second, seen = officer_of(challenge), amendments.stamp_of(made)
    amendments.approve(second, made.id, seen, count_handed_in, at)
    session.expire_all()
    assert bid.state is BidState.SUBMITTED, "what was handed in stays valid"
    assert len(bid.versions) == 1
    after = opens_at(challenge.closes_at)
    assert after > at
    why = "两次延期后仍不足两份,流标。"
    bids.fail_challenge(own, challenge.id, why, after)
    session.expire_all()
    assert challenge.state is ChallengeState.FAILED
    assert bid.state is BidState.SUBMITTED, "nobody reads it"
    lead = lead_of(session, bid)
    news = session.scalars(
        select(InboxItem).where(InboxItem.person_id == lead.user_id, InboxItem.key.like("%:failed"))
    ).all()
    assert len(news) == 1, "the team is told though its bid was not opened"


def test_with_enough_bids_the_deadline_stays_and_they_are_opened(
    session: Session, now: datetime
) -> None:
    challenge = make_bid_challenge(days=1)
    asked_for(challenge, 2)
    for _ in range(2):
        make_sealed(challenge=challenge)
    assert challenge.closes_at is not None
    own, at = officer_of(challenge), opens_at(challenge.closes_at)
    session.commit()
    made = amendments.extend(own, challenge.id, at + timedelta(days=20), REASON, at)
    second, seen = officer_of(challenge), amendments.stamp_of(made)
    refused(IllegalMove, amendments.approve, second, made.id, seen, count_handed_in, at)
    refused(IllegalMove, bids.fail_challenge, own, challenge.id, "方案数量足够。不应流标。", at)
    assert open_bids(own, challenge.id, at) == 2


NARROWER = [
    ({"lead_kinds": ["university"]}, "lead"),
    ({"foreign_share_allowed": False}, "foreign"),
]


@pytest.mark.parametrize(("rules", "word"), NARROWER)
def test_a_team_that_no_longer_fits_is_told_and_refused_with_the_reason(
    session: Session, now: datetime, rules: dict[str, object], word: str
) -> None:
    bid = make_bid()
    lead = lead_of(session, bid)
    home = session.get_one(Organisation, bid.lead_id)
    home.foreign_share = True
    made = make_amendment(bid.challenge, applied=True, settings=rules)
    service.tell_of_amendment(made.id, now)
    assert told(session)[lead.user_id] == f"/bids/{bid.id}"
    error = refused(InvalidInput, hand_in, lead, bid.id, now)
    reasons = [one for one in error.problems if one.field == "partners"]
    assert [word in str(one) for one in reasons] == [True]
    assert bid.state is BidState.DRAFT
    make_amendment(bid.challenge, applied=True, settings=Settings().to_json())
    hand_in(lead, bid.id, now)


def test_too_few_that_passed_the_formal_check_end_the_challenge(
    session: Session, now: datetime
) -> None:
    challenge = make_bid_challenge(opened=True)
    asked_for(challenge, 2)
    make_bid(eligible=True, challenge=challenge)
    waiting = make_bid(opened=True, challenge=challenge)
    own, why = officer_of(challenge), "通过形式审查的方案不足两份,流标。"
    refused(IllegalMove, bids.fail_challenge, own, challenge.id, why, now)
    session.execute(update(Bid).where(Bid.id == waiting.id).values(state=BidState.REJECTED))
    session.commit()
    bids.fail_challenge(own, challenge.id, why, now)


def test_the_opening_page_leads_to_the_extension_only_when_too_few_bids_came(
    client, app, session: Session, now: datetime, sign_in
) -> None:
    few, enough, ahead = (
        make_bid_challenge(
            published_at=now - timedelta(days=40), closes_at=now - timedelta(days=1)
        ),
        make_bid_challenge(
            published_at=now - timedelta(days=40), closes_at=now - timedelta(days=1)
        ),
        make_bid_challenge(),
    )
    make_bid(submitted=True, challenge=enough)
    for challenge, shown in ((few, True), (enough, False), (ahead, False)):
        browser = app.test_client()
        sign_in(browser, make_officer(challenge))
        page = browser.get(f"/challenges/{challenge.code}/opening")
        assert page.status_code == 200
        assert (f"/desk/challenges/{challenge.id}/extend" in page.text) is shown


@pytest.mark.parametrize("amended", [False, True])
def test_the_team_finds_the_amendment_on_its_desk_and_on_its_bid(
    client, session: Session, now: datetime, sign_in, amended: bool
) -> None:
    bid = make_bid(submitted=True)
    if amended:
        make_amendment(bid.challenge, applied=True)
    lead = session.get_one(Person, bid.started_by)
    session.commit()
    items = [one.values for one in todo.open_items(session, actor_of(lead), now)]
    assert ({"bid_id": bid.id} in items) is amended
    sign_in(client, lead)
    address = f"/bids/{bid.id}/amendments/1/acknowledge"
    assert (address in client.get(f"/bids/{bid.id}").text) is amended
    answer = client.post(address)
    assert answer.status_code == (303 if amended else 409)
    assert address not in client.get(f"/bids/{bid.id}").text
    assert client.post(f"/bids/{uuid4()}/amendments/1/acknowledge").status_code == 404
    assert bid_queries.own_bid(session, actor_of(lead), bid.challenge_id) is not None
