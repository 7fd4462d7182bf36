"""Invitations to addresses that nobody has yet: the link, and joining by registering."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.accounts import service as accounts
from portal.accounts.models import Organisation
from portal.accounts.service import OrganisationFacts, PersonFacts
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.bids.models import Bid, BidPartner
from portal.bids.teams import forming, mail, policy, queries
from portal.bids.teams.models import BidInvitation
from portal.bids.teams.rules import INVITATION_MOVES, Offer
from portal.challenges import gate
from portal.core.access import SYSTEM, Actor, Role
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.words import N_
from portal.notifications.mails.rules import is_address


def invite(
    session: Session, actor: Actor, bid: Bid, email: str, offer: Offer, now: datetime
) -> BidInvitation:
    """Ask somebody without an account. Raises Invalid."""
    address = email.strip().lower()
    if not is_address(address):
        raise Invalid("who", N_("Please enter an e-mail address, like name@example.org."))
    person = account_queries.person_by_email(session, address)
    if person is not None:
        nobody = N_("The person with this address acts for no organisation that could join.")
        raise Invalid("who", nobody)
    waiting = queries.invitations(session, bid.id)
    if address in {row.email for row in waiting}:
        raise Invalid("who", N_("This address has been invited; its link is below."))
    most = bid.challenge.rules.partners_max
    if len(bid.partners) + len(waiting) >= most:
        raise Invalid("who", N_("At most %(n)s partners are allowed."), n=most)
    row = BidInvitation(
        bid=bid,
        email=address,
        offer=offer.stripped(),
        invited_by=actor.user_id,
        invited_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, Action.PARTNER_INVITED, bid.subject_ref, now, by="address")
    mail.send_invitation(session, actor, row)
    return row


def withdraw_invitation(actor: Actor, bid_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """Make the link of an invitation worthless. Raises NotAllowed, NotFound, IllegalMove."""
    with transaction() as session:
        bid = forming.lock(session, actor, bid_id, now)
        invitation = queries.lock_invitation(session, invitation_id)
        if invitation.bid_id != bid.id:
            raise IllegalMove(policy.GONE)
        INVITATION_MOVES.move(invitation, "withdraw")
        ref = bid.subject_ref
        audit.record(session, actor, Action.PARTNER_REMOVED, ref, now, by="address")


def take_up(actor: Actor, invitation_id: UUID, organisation_id: UUID, now: datetime) -> BidPartner:
    """Take an invitation up for an organisation in which one acts as partner.

    The organisation is then asked like any other: it still has to agree. Raises NotAllowed, Invalid.
    """
    with transaction() as session:
        invitation = _lock_to_use(session, invitation_id, now)
        own = organisation_id in actor.organisations_as(Role.PARTNER)
        home = account_queries.organisation(session, organisation_id) if own else None
        if home is None:
            raise Invalid("organisation", N_("Choose one of your own organisations."))
        return _use(session, actor, invitation, home, now)


def register(
    invitation_id: UUID, facts: OrganisationFacts, person: PersonFacts, now: datetime
) -> BidPartner:
    """Register the organisation and its first person by the link, and ask it to join.

    Raises NotAllowed, InvalidInput.
    """
    with transaction() as session:
        invitation = _lock_to_use(session, invitation_id, now)
        home = accounts.enrol(session, facts, person, now)
        return _use(session, SYSTEM, invitation, home, now)


def _lock_to_use(session: Session, invitation_id: UUID, now: datetime) -> BidInvitation:
    found = queries.invitation(session, invitation_id)
    if found is None:
        raise IllegalMove(policy.GONE)
    gate.enter(session, bid_queries.challenge_of(session, found.bid_id))
    bid_queries.lock(session, found.bid_id)
    invitation = queries.lock_invitation(session, invitation_id)
    policy.may_use(invitation, now).enforce()
    return invitation


def _use(
    session: Session, actor: Actor, invitation: BidInvitation, home: Organisation, now: datetime
) -> BidPartner:
    INVITATION_MOVES.move(invitation, "use")
    partner = forming.ask_organisation(session, actor, invitation.bid, home, invitation.offer, now)
    invitation.partner_id = partner.id
    return partner
