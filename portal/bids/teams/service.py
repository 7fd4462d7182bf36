"""Forming a team: asking, changing what is asked, consenting, taking off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.accounts.models import Organisation
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import news
from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids import rules as bid_rules
from portal.bids.models import Bid, BidPartner, PartnerConsent
from portal.bids.rules import PARTNER_MOVES, PartnerState
from portal.bids.teams import addresses, forming, queries, rules, standings
from portal.bids.teams.models import BidInvitation
from portal.bids.teams.people import forget_people
from portal.bids.teams.rules import Offer
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.words import N_


def invite(
    actor: Actor, bid_id: UUID, who: str, offer: Offer, now: datetime
) -> BidPartner | BidInvitation:
    """Ask an organisation, named by full name, code or the address of one of its people; an
    address that nobody has gets an invitation to register. Raises NotAllowed, InvalidInput.
    """
    with transaction() as session:
        bid = forming.lock(session, actor, bid_id, now)
        forming.require_offer(bid, offer)
        home = _organisation(session, who)
        if home is None:
            return addresses.invite(session, actor, bid, who, offer, now)
        return forming.ask_organisation(session, actor, bid, home, offer, now)


def _organisation(session: Session, who: str) -> Organisation | None:
    if "@" not in who:
        found = account_queries.organisation_named(session, who)
        if found is None:
            unknown = N_("No organisation of this name or code is registered. Try an address.")
            raise Invalid("who", unknown)
        return found
    return queries.home_of_address(session, who)


def change(actor: Actor, bid_id: UUID, partner_id: UUID, offer: Offer, now: datetime) -> BidPartner:
    """Ask a partner for something else; a consent to the old text lapses and is asked again.

    Raises NotAllowed, NotFound, InvalidInput.
    """
    with transaction() as session:
        bid = forming.lock(session, actor, bid_id, now)
        partner = queries.partner_of(bid, partner_id)
        forming.require_offer(bid, offer)
        before = queries.offered(partner)
        forming.write(partner, offer)
        if queries.offered(partner) == before:
            return partner
        _lapse(partner, now)
        if partner.state is not PartnerState.INVITED:
            PARTNER_MOVES.move(partner, "ask_again")
        session.flush()
        forming.ask(session, actor, partner, now)
    return partner


def _lapse(partner: BidPartner, now: datetime) -> None:
    consent = partner.consent
    if consent is not None:
        consent.lapsed_at = now


def take_off(actor: Actor, bid_id: UUID, partner_id: UUID, now: datetime) -> None:
    """Go on without a partner. Raises NotAllowed, NotFound."""
    with transaction() as session:
        bid = forming.lock(session, actor, bid_id, now)
        partner = queries.partner_of(bid, partner_id)
        name = partner.organisation.name
        news.taken_off(session, partner, now)
        forget_people(session, bid, partner.organisation_id)
        bid.partners.remove(partner)
        session.delete(partner)
        audit.record(session, actor, Action.PARTNER_REMOVED, bid.subject_ref, now, partner=name)


def answer(actor: Actor, partner_id: UUID, agrees: bool, seen: str, now: datetime) -> Bid:
    """Agree to the text whose fingerprint is `seen`, or decline; one team of a challenge each.

    Raises NotAllowed, DeadlinePassed, IllegalMove, Invalid when the text was changed meanwhile.
    """
    with transaction() as session:
        partner = bid_queries.lock_by_partner(session, partner_id)
        bid = partner.bid
        bid_policy.may_answer_for(actor, partner).enforce()
        bid_rules.require_in_time(bid.challenge.closes_at, now)
        bid_policy.may_answer(actor, partner, now).enforce()
        if agrees:
            _consent(session, actor, partner, seen, now)
        else:
            PARTNER_MOVES.move(partner, "decline")
            _lapse(partner, now)
            forget_people(session, bid, partner.organisation_id)
        partner.answered_by, partner.answered_at = actor.user_id, now
        action = Action.PARTNER_CONFIRMED if agrees else Action.PARTNER_DECLINED
        facts = {"partner": partner.organisation.name}
        facts |= {"text": seen} if agrees else {}
        audit.record(session, actor, action, bid.subject_ref, now, **facts)
        news.answered(session, partner, now)
    return bid


def _consent(session: Session, actor: Actor, partner: BidPartner, seen: str, now: datetime) -> None:
    PARTNER_MOVES.after(partner.state, "confirm")
    text = queries.offered(partner)
    digest = rules.digest_of(text)
    if seen != digest:
        raise Invalid(
            "seen", N_("The lead has changed the text while you were reading. Please read again.")
        )
    standings.require_may_join(session, partner.bid, partner.organisation_id)
    PARTNER_MOVES.move(partner, "confirm")
    partner.consents.append(
        PartnerConsent(text=text, text_sha256=digest, agreed_by=actor.user_id, agreed_at=now)
    )
