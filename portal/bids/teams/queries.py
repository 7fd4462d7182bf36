"""Reads about a team: its offers, its invitations, and the people who may act on its bid."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts import queries as account_queries
from portal.accounts.models import Organisation, Person, PersonRole
from portal.accounts.rules import OrganisationKind
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import PartnerState
from portal.bids.teams.models import BidInvitation, TeamPerson
from portal.bids.teams.rules import Access, InvitationState, TeamPlace, digest_of, text_of
from portal.core.access import BIDDERS, Role
from portal.core.errors import Invalid, NotFound
from portal.core.words import N_


def offered(partner: BidPartner) -> dict[str, Any]:
    """The text that a partner is asked to agree to now."""
    bid = partner.bid
    challenge = f"{bid.challenge.code} {bid.challenge.title}"
    return text_of(partner.offer, challenge, bid.lead.name, partner.organisation.name)


def has_agreed(partner: BidPartner) -> bool:
    """Whether the partner's consent stands, and is to the very text that is asked now."""
    consent = partner.consent
    confirmed = partner.state is PartnerState.CONFIRMED and consent is not None
    return confirmed and consent is not None and consent.text_sha256 == digest_of(offered(partner))


def consent_problems(bid: Bid) -> list[Invalid]:
    """Which confirmed partners have no consent to the text that is asked now."""
    text = N_("%(name)s has not agreed to the present text of its part.")
    return [
        Invalid("partners", text, name=partner.organisation.name)
        for partner in bid.partners
        if partner.state is PartnerState.CONFIRMED and not has_agreed(partner)
    ]


def written(partner: BidPartner) -> dict[str, Any]:
    """A partner as the manifest of a submitted bid names it, with the consent it stands on."""
    offer, consent = partner.offer, partner.consent
    return {
        "id": str(partner.organisation_id),
        "name": partner.organisation.name,
        **offer.to_json(),
        "consent_sha256": consent.text_sha256 if consent else None,
    }


def partner_of(bid: Bid, partner_id: UUID) -> BidPartner:
    """One partner of the bid. Raises NotFound."""
    for partner in bid.partners:
        if partner.id == partner_id:
            return partner
    raise NotFound


def people_of_team(session: Session, bid: Bid) -> list[TeamPlace]:
    """Everybody who may act on the bid: the lead's people write, a partner's read, and whoever
    was named has the access that the lead gave."""
    joined = {p.organisation_id for p in bid.partners if p.state is PartnerState.CONFIRMED}
    rows = session.execute(
        select(PersonRole.person_id, PersonRole.organisation_id, PersonRole.role)
        .join(Person, Person.id == PersonRole.person_id)
        .where(
            Person.active,
            PersonRole.role.in_(BIDDERS),
            PersonRole.organisation_id.in_({bid.lead_id, *joined}),
        )
    )
    places: dict[UUID, TeamPlace] = {}
    for person_id, home, role in rows:
        leads = home == bid.lead_id and role is Role.BIDDER_LEAD
        if leads or (home in joined and role is Role.PARTNER and person_id not in places):
            places[person_id] = TeamPlace(person_id, home, leads)
    for named in bid.people:
        if named.organisation_id in {bid.lead_id, *joined}:
            writes = named.access is Access.WRITE or (
                named.person_id in places and places[named.person_id].writes
            )
            places[named.person_id] = TeamPlace(named.person_id, named.organisation_id, writes)
    return sorted(places.values(), key=lambda place: place.person_id)


def people_to_name(session: Session, bid: Bid) -> Sequence[PersonRole]:
    """Memberships of people of the team's organisations, each person once, who are not named."""
    joined = {p.organisation_id for p in bid.partners if p.state is PartnerState.CONFIRMED}
    named = {row.person_id for row in bid.people}
    rows = session.scalars(
        select(PersonRole)
        .join(Person, Person.id == PersonRole.person_id)
        .where(Person.active, PersonRole.organisation_id.in_({bid.lead_id, *joined}))
        .order_by(PersonRole.organisation_id, Person.name, PersonRole.person_id)
        .options(joinedload(PersonRole.person), joinedload(PersonRole.organisation))
        .limit(400)
    )
    first = {row.person_id: row for row in rows if row.person_id not in named}
    return list(first.values())


def home_of_address(session: Session, email: str) -> Organisation | None:
    """The registered organisation for which the person with this address could join a team."""
    person = account_queries.person_by_email(session, email)
    if person is None or not person.active:
        return None
    homes = [
        m.organisation
        for m in person.memberships
        if m.role in BIDDERS and m.organisation.kind is not OrganisationKind.GOVERNMENT
    ]
    return homes[0] if homes else None


def invitations(session: Session, bid_id: UUID) -> Sequence[BidInvitation]:
    """Those of a bid that still wait for a registration, oldest first."""
    return session.scalars(
        select(BidInvitation)
        .where(BidInvitation.bid_id == bid_id, BidInvitation.state == InvitationState.SENT)
        .order_by(BidInvitation.invited_at, BidInvitation.id)
    ).all()


def invitation(session: Session, invitation_id: UUID) -> BidInvitation | None:
    """One invitation by e-mail, with its bid and challenge."""
    return session.get(
        BidInvitation,
        invitation_id,
        options=[
            joinedload(BidInvitation.bid).joinedload(Bid.lead),
            joinedload(BidInvitation.bid).joinedload(Bid.challenge),
        ],
    )


def lock_invitation(session: Session, invitation_id: UUID) -> BidInvitation:
    """An invitation by e-mail, locked. Raises NotFound."""
    found = session.scalars(
        select(BidInvitation)
        .where(BidInvitation.id == invitation_id)
        .with_for_update(of=BidInvitation)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def named_person(bid: Bid, person_id: UUID) -> TeamPerson:
    """A named person of the bid. Raises NotFound."""
    for named in bid.people:
        if named.person_id == person_id:
            return named
    raise NotFound


def named_people(session: Session, bid: Bid) -> Sequence[TeamPerson]:
    """The named people of the bid with their names and organisations."""
    return session.scalars(
        select(TeamPerson)
        .where(TeamPerson.bid_id == bid.id)
        .order_by(TeamPerson.named_at, TeamPerson.id)
        .options(joinedload(TeamPerson.person), joinedload(TeamPerson.organisation))
    ).all()
