"""A team is formed: asked, agreed to with the very text, asked again, named, joined by a link."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_by_email, actor_of
from portal.accounts.rules import OrganisationKind
from portal.accounts.service import OrganisationFacts, PersonFacts
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import PartnerState
from portal.bids.teams import addresses, mail, people, queries, service
from portal.bids.teams.links import token_of
from portal.bids.teams.models import BidInvitation
from portal.bids.teams.rules import Access, InvitationState, Offer, digest_of
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.errors import (
    DeadlinePassed,
    DomainError,
    IllegalMove,
    Invalid,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from portal.notifications.mails.letters import parcel_of
from portal.notifications.mails.models import Mail
from portal.notifications.mails.rules import MOST_TO_STRANGER, MailState
from portal.notifications.models import InboxItem
from tests.factories.accounts import PASSWORD, make_actor, make_city_body, make_person, make_uscc
from tests.factories.bids import hand_in, make_bid, make_partner
from tests.factories.challenges import make_officer
from tests.factories.openings import said_in
from tests.refusal import refused
from tests.threads import at_once

OFFER = Offer("负责精度检测", Decimal(500_000), Decimal(0), "检测2人")


def lead_of(session: Session, bid: Bid) -> Actor:
    return actor_of(session.get_one(Person, bid.started_by))


def partner_actor(organisation: Organisation) -> Actor:
    return make_actor(Role.PARTNER, organisation=organisation)


def closes(bid: Bid) -> datetime:
    assert bid.challenge.closes_at is not None
    return bid.challenge.closes_at


def seen(partner: BidPartner) -> str:
    return digest_of(queries.offered(partner))


def told(session: Session, who: Actor) -> list[str]:
    query = select(InboxItem.subject).where(InboxItem.person_id == who.user_id)
    return list(session.scalars(query.order_by(InboxItem.id)))


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def test_an_organisation_is_asked_by_name_code_or_the_address_of_its_people(
    session: Session, now: datetime
) -> None:
    bid = make_bid(partners=[])
    lead = lead_of(session, bid)
    by_name, by_code, by_address = make_partner(), make_partner(), make_partner()
    reader = partner_actor(by_address)
    for who in (by_name.name, f" {by_code.uscc} ", reader.email.upper()):
        asked = service.invite(lead, bid.id, who, OFFER, now)
        assert isinstance(asked, BidPartner)
        assert (asked.state, asked.offer) == (PartnerState.INVITED, OFFER)
    session.expire_all()
    homes = [one.organisation_id for one in bid.partners]
    assert homes == [by_name.id, by_code.id, by_address.id]
    assert len(told(session, reader)) == 1
    assert kinds(session) == [Action.PARTNER_INVITED.value] * 3


def test_who_cannot_be_on_the_team_is_not_asked_and_the_field_says_why(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    lead, issuer = lead_of(session, bid), bid.challenge.call.issuer
    officer = make_person(Role.CITY_OFFICER)
    wrong = [bid.lead.name, issuer.name, make_city_body().name, bid.partners[0].organisation.name]
    for who in (*wrong, "没有这家单位", officer.email):
        error = refused(Invalid, service.invite, lead, bid.id, who, OFFER, now)
        assert isinstance(error, Invalid)
        assert error.field == "who"
    free = make_partner().name
    refused(InvalidInput, service.invite, lead, bid.id, free, Offer("  "), now)
    others = [
        partner_actor(bid.partners[0].organisation),
        make_actor(Role.BIDDER_LEAD),
        actor_of(make_officer(bid.challenge)),
    ]
    for other in others:
        refused(NotAllowed, service.invite, other, bid.id, free, OFFER, now)
    refused(DeadlinePassed, service.invite, lead, bid.id, free, OFFER, closes(bid))
    for _ in range(4):
        service.invite(lead, bid.id, make_partner().name, OFFER, now)
    refused(Invalid, service.invite, lead, bid.id, free, OFFER, now)
    assert len(bid.partners) == 5


def test_a_consent_keeps_the_text_who_and_when_and_lapses_with_a_change(
    session: Session, now: datetime
) -> None:
    bid = make_bid(partners=[])
    lead, home = lead_of(session, bid), make_partner()
    own = partner_actor(home)
    partner = service.invite(lead, bid.id, home.name, OFFER, now)
    assert isinstance(partner, BidPartner)
    first, later = seen(partner), now + timedelta(minutes=1)
    refused(Invalid, service.answer, own, partner.id, True, "0" * 64, now)
    service.answer(own, partner.id, True, first, now)
    session.expire_all()
    consent = partner.consent
    assert consent is not None
    assert (consent.text_sha256, consent.agreed_by, consent.agreed_at) == (first, own.user_id, now)
    assert consent.text["own_money"] == "500000.00"
    service.change(lead, bid.id, partner.id, OFFER, later)  # the same again asks nobody
    assert partner.state is PartnerState.CONFIRMED
    more = Offer("负责精度检测", Decimal(800_000), Decimal(0), "检测2人")
    service.change(lead, bid.id, partner.id, more, later)
    session.expire_all()
    assert (partner.state, partner.consent) == (PartnerState.INVITED, None)
    assert [one.lapsed_at for one in partner.consents] == [later]
    assert len(told(session, own)) == 2
    wrong = refused(InvalidInput, hand_in, lead, bid.id, later)
    assert "partners.0.organisation" in [one.field for one in wrong.problems]
    refused(Invalid, service.answer, own, partner.id, True, first, later)  # the old text
    service.answer(own, partner.id, True, seen(partner), later)
    handed_in = hand_in(lead, bid.id, later)
    kept = said_in(handed_in).fields["partners"][0]
    assert (kept["consent_sha256"], kept["own_money"]) == (seen(partner), "800000.00")
    refused(NotAllowed, service.change, lead, bid.id, partner.id, OFFER, later)
    refused(NotAllowed, service.take_off, lead, bid.id, partner.id, later)


def test_a_confirmed_partner_without_a_consent_to_the_present_text_stops_the_submission(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    bid.partners[0].offer = Offer("场景测试", Decimal(1))  # changed behind the portal's back
    wrong = refused(InvalidInput, hand_in, lead_of(session, bid), bid.id, now)
    assert [one.field for one in wrong.problems] == ["partners"]


def test_an_invitation_is_answered_by_the_invited_and_by_nobody_else(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    row = bid.partners[0]
    row.state, row.consents = PartnerState.INVITED, []
    own, lead = partner_actor(row.organisation), lead_of(session, bid)
    answer, text = service.answer, seen(row)
    for other in (lead, make_actor(Role.PARTNER), actor_of(make_officer(bid.challenge))):
        refused(NotAllowed, answer, other, row.id, True, text, now)
    refused(NotFound, answer, own, uuid4(), True, text, now)
    refused(DeadlinePassed, answer, own, row.id, True, text, closes(bid))
    answer(own, row.id, True, text, now)
    assert row.state is PartnerState.CONFIRMED
    assert (row.answered_by, row.answered_at) == (own.user_id, now)
    assert len(told(session, lead)) == 1
    refused(IllegalMove, answer, own, row.id, True, text, now)
    answer(own, row.id, False, "", now)
    session.expire_all()
    assert (row.state, row.consent) == (PartnerState.DECLINED, None)
    refused(DomainError, answer, own, row.id, True, text, now)
    assert kinds(session) == [Action.PARTNER_CONFIRMED.value, Action.PARTNER_DECLINED.value]
    service.change(lead, bid.id, row.id, OFFER, now)
    assert row.state is PartnerState.INVITED


def asking(home: Organisation, **facts: Any) -> Bid:
    bid = make_bid(partners=[home], **facts)
    bid.partners[0].state, bid.partners[0].consents = PartnerState.INVITED, []
    db.session.flush()
    return bid


def test_an_organisation_joins_one_team_of_a_challenge(session: Session, now: datetime) -> None:
    home = make_partner()
    elsewhere, second = asking(home), asking(home)
    first = make_bid(partners=[home], challenge=second.challenge)
    own = partner_actor(home)

    def joins(bid: Bid) -> tuple[object, ...]:
        partner = bid.partners[0]
        return own, partner.id, True, seen(partner), now

    refused(IllegalMove, service.answer, *joins(second))
    service.answer(*joins(elsewhere))
    assert elsewhere.partners[0].state is PartnerState.CONFIRMED
    service.answer(own, first.partners[0].id, False, "", now)
    service.answer(*joins(second))
    assert second.partners[0].state is PartnerState.CONFIRMED


def test_of_two_consents_at_once_on_one_challenge_one_stands(
    app: Flask, session: Session, now: datetime
) -> None:
    home = make_partner()
    own = partner_actor(home)
    first = asking(home)
    acts = []
    for bid in (first, asking(home, challenge=first.challenge)):
        row = bid.partners[0]
        facts = (row.id, seen(row))
        acts.append(lambda f=facts: service.answer(own, f[0], True, f[1], now))
    session.commit()
    outcomes = at_once(app, *acts)
    assert sorted(str(type(one)) for one in outcomes if one) == [str(IllegalMove)]


def test_named_people_read_the_bid_until_their_organisation_is_off_the_team(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    lead, home = lead_of(session, bid), bid.partners[0].organisation
    colleague = make_actor(Role.REVIEWER, organisation=bid.lead)
    theirs = make_actor(Role.BIDDER_LEAD, organisation=home)
    stranger = make_actor(Role.PARTNER)
    name = people.name_person
    refused(Invalid, name, lead, bid.id, stranger.user_id, Access.READ, now)
    refused(NotAllowed, name, theirs, bid.id, theirs.user_id, Access.READ, now)
    refused(DeadlinePassed, name, lead, bid.id, theirs.user_id, Access.READ, closes(bid))
    for who in (colleague, theirs):
        assert not bid_policy.may_read(who, bid)
        assert bid_queries.own_bid(session, who, bid.challenge_id) is None
        name(lead, bid.id, who.user_id, Access.WRITE, now)
        session.expire_all()
        assert bid_policy.may_read(who, bid)
        assert bid_queries.own_bid(session, who, bid.challenge_id) is bid
        assert len(told(session, who)) == 1
    places = {place.person_id: place for place in queries.people_of_team(session, bid)}
    assert places[theirs.user_id].writes
    assert places[theirs.user_id].organisation_id == home.id
    assert places[lead.user_id].writes
    refused(Invalid, name, lead, bid.id, theirs.user_id, Access.READ, now)  # named already
    people.release_person(lead, bid.id, colleague.user_id, now)
    service.take_off(lead, bid.id, bid.partners[0].id, now)
    session.expire_all()
    for who in (colleague, theirs):
        assert not bid_policy.may_read(who, bid)
    assert bid.people == bid.partners == []


def test_an_unknown_address_gets_a_link_and_registering_by_it_asks_the_new_organisation(
    session: Session, now: datetime
) -> None:
    bid = make_bid(partners=[])
    lead = lead_of(session, bid)
    asked = service.invite(lead, bid.id, " New@Example.org ", OFFER, now)
    assert isinstance(asked, BidInvitation)
    refused(Invalid, service.invite, lead, bid.id, "new@example.org", OFFER, now)
    facts = OrganisationFacts("新注册大学", OrganisationKind.UNIVERSITY, make_uscc(90001))
    person = PersonFacts("新人", "new@example.org", PASSWORD)
    late = (asked.id, facts, person, closes(bid))
    refused(NotAllowed, addresses.register, *late)
    partner = addresses.register(asked.id, facts, person, now)
    session.expire_all()
    assert (partner.state, partner.offer) == (PartnerState.INVITED, OFFER)
    assert (asked.state, asked.partner_id) == (InvitationState.USED, partner.id)
    own = actor_by_email(session, "new@example.org")
    assert own is not None
    assert len(told(session, own)) == 1
    again = PersonFacts("另一人", "other@example.org", PASSWORD)
    refused(NotAllowed, addresses.register, asked.id, facts, again, now)
    service.answer(own, partner.id, True, seen(partner), now)
    assert partner.state is PartnerState.CONFIRMED


def test_the_link_goes_by_mail_in_the_language_of_who_invites_and_nothing_secret_is_kept(
    session: Session, now: datetime
) -> None:
    bid = make_bid(partners=[])
    lead = lead_of(session, bid)
    session.get_one(Person, lead.user_id).mail_locale = "en"
    refused(Invalid, service.invite, lead, bid.id, "a@example.org,b@example.org", OFFER, now)
    asked = service.invite(lead, bid.id, "new@example.org", OFFER, now)
    assert isinstance(asked, BidInvitation)
    written = session.scalars(select(Mail)).one()
    parcel, token = parcel_of(written), token_of(asked.id)
    assert parcel.address == "new@example.org"
    assert parcel.subject.startswith(f"{bid.lead.name} asks your organisation")
    assert f"/join/{token}" in parcel.text
    assert f"/join/{token}" in parcel.html
    assert "works once" in parcel.text
    assert OFFER.duty not in parcel.text, "nobody writes to strangers through the portal"
    kept = session.execute(text("SELECT mails::text FROM mails")).scalar_one()
    assert token not in kept
    assert mail.sent(session, [asked]) == {asked.id: MailState.WAITING}


def test_nobody_floods_an_address_through_the_portal(session: Session, now: datetime) -> None:
    bid = make_bid(partners=[])
    lead = lead_of(session, bid)
    for _ in range(MOST_TO_STRANGER + 1):
        asked = service.invite(lead, bid.id, "new@example.org", OFFER, now)
        assert isinstance(asked, BidInvitation)
        last = mail.sent(session, [asked])
        addresses.withdraw_invitation(lead, bid.id, asked.id, now)
    assert last == {}, "the link is shown to the lead alone"
    assert session.scalar(select(func.count()).select_from(Mail)) == MOST_TO_STRANGER
    other = service.invite(lead, bid.id, "other@example.org", OFFER, now)
    assert isinstance(other, BidInvitation)
    assert mail.sent(session, [other])


def test_a_link_is_taken_up_for_ones_own_organisation_once_and_not_when_withdrawn(
    session: Session, now: datetime
) -> None:
    bid = make_bid(partners=[])
    lead, home = lead_of(session, bid), make_partner()
    own = partner_actor(home)
    gone = service.invite(lead, bid.id, "gone@example.org", OFFER, now)
    assert isinstance(gone, BidInvitation)
    other = make_actor(Role.BIDDER_LEAD)
    refused(NotAllowed, addresses.withdraw_invitation, other, bid.id, gone.id, now)
    addresses.withdraw_invitation(lead, bid.id, gone.id, now)
    refused(NotAllowed, addresses.take_up, own, gone.id, home.id, now)
    asked = service.invite(lead, bid.id, "here@example.org", OFFER, now)
    assert isinstance(asked, BidInvitation)
    refused(Invalid, addresses.take_up, own, asked.id, make_partner().id, now)
    assert addresses.take_up(own, asked.id, home.id, now).organisation_id == home.id
    refused(NotAllowed, addresses.take_up, own, asked.id, home.id, now)
