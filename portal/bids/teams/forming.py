"""What every act on a team begins with: the lock, the permission, the question to a partner."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.accounts.rules import OrganisationKind
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import news
from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids import rules as bid_rules
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import PartnerState
from portal.bids.teams import limits, policy, queries, rules, standings
from portal.bids.teams.rules import Offer
from portal.challenges import gate
from portal.core.access import Actor
from portal.core.errors import Invalid, InvalidInput
from portal.core.words import N_


def lock(session: Session, actor: Actor, bid_id: UUID, now: datetime) -> Bid:
    """The bid, locked, for its lead while the team can be changed.

    Raises NotAllowed, DeadlinePassed.
    """
    gate.enter(session, bid_queries.challenge_of(session, bid_id))
    bid = bid_queries.lock(session, bid_id)
    bid_policy.may_lead(actor, bid).enforce()
    bid_rules.require_in_time(bid.challenge.closes_at, now)
    policy.may_form(actor, bid, now).enforce()
    return bid


def require_offer(bid: Bid, offer: Offer) -> None:
    """Raises InvalidInput."""
    found = rules.offer_problems(offer, bid.is_strict)
    if found:
        raise InvalidInput(found)


def ask_organisation(
    session: Session, actor: Actor, bid: Bid, home: Organisation, offer: Offer, now: datetime
) -> BidPartner:
    """Put an organisation on the team and ask it. Raises Invalid."""
    _require_possible(bid, home)
    _require_eligible(session, bid, home)
    partner = BidPartner(organisation=home, state=PartnerState.INVITED, consents=[])
    write(partner, offer)
    bid.partners.append(partner)
    session.flush()
    ask(session, actor, partner, now)
    return partner


def _require_possible(bid: Bid, home: Organisation) -> None:
    if home.id == bid.lead_id:
        raise Invalid("who", N_("This is the lead itself: name its people below."))
    if home.kind is OrganisationKind.GOVERNMENT or home.id == bid.challenge.call.issuer_id:
        raise Invalid("who", N_("A government body cannot be on a team."))
    if home.id in {partner.organisation_id for partner in bid.partners}:
        raise Invalid("who", N_("This organisation is on your team already."))
    most = bid.challenge.rules.partners_max
    if len(bid.partners) >= most:
        raise Invalid("who", N_("At most %(n)s partners are allowed."), n=most)


def _require_eligible(session: Session, bid: Bid, home: Organisation) -> None:
    """What an organisation is can be told at once; how many teams it has joined it learns itself."""
    found = standings.standings(session, bid.challenge, bid, {home.id}, forming=True)
    for reason in limits.nature(standings.limits_of(bid.challenge), found[home.id], leads=False):
        raise Invalid("who", reason.others.text, **reason.others.parameters)


def write(partner: BidPartner, offer: Offer) -> None:
    """Keep what a partner is asked to do and bring."""
    partner.offer = offer.stripped()


def ask(session: Session, actor: Actor, partner: BidPartner, now: datetime) -> None:
    """Tell its people that an answer is asked, and keep the fingerprint of the text."""
    ref, name = partner.bid.subject_ref, partner.organisation.name
    digest = rules.digest_of(queries.offered(partner))
    audit.record(session, actor, Action.PARTNER_INVITED, ref, now, partner=name, text=digest)
    news.invited(session, partner, now)
