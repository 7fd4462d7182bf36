"""A team writes, hands in and takes back its bid: each step, its refusals, its traces."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.accounts.rules import OrganisationKind
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import service
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import BidState, PartnerState
from portal.bids.terms import BidTerms
from portal.core.access import Actor, Role
from portal.core.crypto import sha256
from portal.core.errors import (
    DeadlinePassed,
    DomainError,
    IllegalMove,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from portal.core.outbox import Event, Topic
from portal.core.sealing.manifest import commitment
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_actor, make_organisation, make_person
from tests.factories.bids import PDF, hand_in, make_bid, make_bid_challenge, make_terms
from tests.factories.challenges import make_officer
from tests.factories.openings import said_in
from tests.refusal import refused


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def topics(session: Session) -> list[str]:
    return list(session.scalars(select(Event.topic).order_by(Event.id)))


def news(session: Session, who: Actor) -> int:
    query = select(func.count()).where(InboxItem.person_id == who.user_id)
    return session.scalar(query) or 0


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def lead_of(session: Session, bid: Bid) -> Actor:
    return actor_of(session.get_one(Person, bid.started_by))


def partner_actor(organisation: Organisation) -> Actor:
    return make_actor(Role.PARTNER, organisation=organisation)


def fields(error: DomainError) -> list[str]:
    assert isinstance(error, InvalidInput)
    return [problem.field for problem in error.problems]


def closes(bid: Bid) -> datetime:
    assert bid.challenge.closes_at is not None
    return bid.challenge.closes_at


def test_an_enterprise_begins_one_bid_for_a_challenge(session: Session, now: datetime) -> None:
    challenge = make_bid_challenge()
    lead = make_actor(Role.BIDDER_LEAD)
    colleague = replace(lead, user_id=make_person(Role.BIDDER_LEAD).id)
    university = make_organisation(kind=OrganisationKind.UNIVERSITY)
    outsiders = [
        make_actor(Role.BIDDER_LEAD, organisation=university),
        make_actor(Role.PARTNER),
        make_actor(Role.BIDDER_LEAD, organisation=challenge.call.issuer),
        actor_of(make_officer(challenge)),
    ]
    for outsider in outsiders:
        refused(NotAllowed, service.start, outsider, challenge.id, now)
    assert challenge.closes_at is not None
    refused(NotAllowed, service.start, lead, challenge.id, challenge.closes_at)
    refused(NotFound, service.start, lead, uuid4(), now)
    first = service.start(lead, challenge.id, now)
    assert service.start(colleague, challenge.id, now).id == first.id
    assert count(session, Bid) == 1
    assert kinds(session) == [Action.BID_STARTED.value]
    assert news(session, lead) == 1


def test_what_is_handed_in_is_a_version_with_its_fingerprint(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    lead, stamp = lead_of(session, bid), closes(bid) - timedelta(microseconds=1)
    member = partner_actor(bid.partners[0].organisation)
    for other in (make_actor(Role.BIDDER_LEAD), member, actor_of(make_officer(bid.challenge))):
        refused(NotAllowed, hand_in, other, bid.id, now)
    version = hand_in(lead, bid.id, stamp)
    session.expire_all()
    assert bid.state is BidState.SUBMITTED
    assert (version.number, version.submitted_at, version.submitted_by) == (1, stamp, lead.user_id)
    assert not version.is_open
    assert (version.nonce, version.file_id, version.lines) == (None, None, [])
    manifest = said_in(version)
    assert version.commit == commitment(manifest.to_bytes())
    assert BidTerms.from_json(manifest.fields["terms"]) == bid.terms
    assert [(one.name, one.sha256) for one in manifest.files] == [("揭榜方案.pdf", sha256(PDF))]
    assert [one["name"] for one in manifest.fields["partners"]] == [
        bid.partners[0].organisation.name
    ]
    assert kinds(session) == [Action.BID_SUBMITTED.value]
    assert topics(session) == [Topic.BID_SUBMITTED.value]
    for _ in range(2):
        service.tell_team(version.id, now)
    assert [news(session, who) for who in (lead, member)] == [1, 1]


def test_the_same_content_is_the_same_submission_and_a_change_a_new_version(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    lead = lead_of(session, bid)
    session.commit()
    first = hand_in(lead, bid.id, now)
    assert hand_in(lead, bid.id, now + timedelta(seconds=1)).id == first.id
    session.expire_all()
    changed = replace(bid.terms, title="改进后的方案")
    bid.terms = changed
    session.commit()
    session.expire_all()
    assert bid.state is BidState.SUBMITTED
    assert said_in(first).fields["terms"]["title"] != "改进后的方案"  # saving is not handing in
    second = hand_in(lead, bid.id, now + timedelta(seconds=3))
    assert (second.number, said_in(second).fields["terms"]["title"]) == (2, "改进后的方案")
    assert second.commit != first.commit
    session.refresh(first)
    assert first.kept_nonce is None, "what was replaced cannot even be compared any more"
    assert count(session, BidVersion) == 2
    assert topics(session) == [Topic.BID_SUBMITTED.value] * 2


def test_a_bid_is_taken_back_and_handed_in_again(session: Session, now: datetime) -> None:
    bid = make_bid()
    lead = lead_of(session, bid)
    refused(IllegalMove, service.withdraw, lead, bid.id, now)
    hand_in(lead, bid.id, now)
    refused(NotAllowed, service.withdraw, make_actor(Role.BIDDER_LEAD), bid.id, now)
    refused(DeadlinePassed, service.withdraw, lead, bid.id, closes(bid))
    service.withdraw(lead, bid.id, now)
    session.expire_all()
    assert bid.state is BidState.WITHDRAWN
    assert news(session, lead) == 1
    refused(IllegalMove, service.withdraw, lead, bid.id, now)
    assert hand_in(lead, bid.id, now).number == 2
    submitted, withdrawn = Action.BID_SUBMITTED.value, Action.BID_WITHDRAWN.value
    assert kinds(session) == [submitted, withdrawn, submitted]


def test_an_incomplete_or_late_bid_is_not_handed_in(session: Session, now: datetime) -> None:
    bid = make_bid()
    lead = lead_of(session, bid)
    bid.terms = replace(bid.terms, title="")
    assert fields(refused(InvalidInput, hand_in, lead, bid.id, now)) == ["title"]
    bid.terms = make_terms(bid.challenge, bid.lead)
    bid.draft_file_id = None
    assert fields(refused(InvalidInput, hand_in, lead, bid.id, now)) == ["document"]
    bid.partners[0].state = PartnerState.INVITED
    whole = make_bid(challenge=bid.challenge)
    other = lead_of(session, whole)
    for stamp in (closes(whole), closes(whole) + timedelta(days=1)):
        refused(DeadlinePassed, hand_in, other, whole.id, stamp)
    assert count(session, BidVersion) == 0
    assert kinds(session) == topics(session) == []
    assert {bid.state, whole.state} == {BidState.DRAFT}


@pytest.mark.parametrize("as_lead", [True, False])
def test_an_organisation_is_on_one_team_that_hands_in(
    session: Session, now: datetime, as_lead: bool
) -> None:
    first = make_bid(state=BidState.WITHDRAWN)
    shared = first.lead if as_lead else first.partners[0].organisation
    second = make_bid(challenge=first.challenge, partners=[shared])
    hand_in(lead_of(session, first), first.id, now)
    wrong = refused(InvalidInput, hand_in, lead_of(session, second), second.id, now)
    assert fields(wrong) == ["partners"]
    assert isinstance(wrong, InvalidInput)
    assert shared.name in str(wrong.problems[0])
    service.withdraw(lead_of(session, first), first.id, now)
    assert hand_in(lead_of(session, second), second.id, now).number == 1


def test_reading_leaves_an_entry_only_when_a_stranger_to_the_team_reads(
    session: Session, now: datetime
) -> None:
    bid = make_bid(opened=True)
    lead, officer = lead_of(session, bid), actor_of(make_officer(bid.challenge))
    session.commit()
    service.note_reading(lead, bid, "page", now)
    assert kinds(session) == []
    service.note_reading(officer, bid, "page", now)
    assert kinds(session) == [Action.BID_READ.value]


def test_money_with_many_digits_keeps_its_cents(session: Session, now: datetime) -> None:
    bid = make_bid()
    line = bid.terms.items[0]
    exact = replace(line, amount=Decimal("1234567.89"))
    bid.terms = replace(bid.terms, items=(exact, *bid.terms.items[1:]))
    version = hand_in(lead_of(session, bid), bid.id, now)
    session.expire_all()
    terms = BidTerms.from_json(said_in(version).fields["terms"])
    assert terms.items[0].amount == Decimal("1234567.89")
