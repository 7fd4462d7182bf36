"""Putting partners on a team and taking them off it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import news
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import PARTNER_MOVES, BidState, PartnerState
from portal.core.access import Actor
from portal.core.errors import Invalid, InvalidInput
from portal.core.words import N_


@dataclass(frozen=True)
class PartnerFacts:
    """One row of the team: which organisation, and what it does."""

    organisation_id: UUID | None
    duty: str


def change_team(
    session: Session, actor: Actor, bid: Bid, wanted: list[PartnerFacts], now: datetime
) -> None:
    """Make the bid's partners those wanted; new ones, and those with a new duty, are asked.

    Raises InvalidInput, also when the bid is submitted: its team is what was handed in.
    """
    if not _differs(bid, wanted):
        return
    if bid.state is BidState.SUBMITTED:
        fixed = N_("The team of a submitted bid stays. Withdraw the bid to change the team.")
        raise InvalidInput([Invalid("partners", fixed)])
    _check(session, bid, wanted)
    duties = {row.organisation_id: row.duty for row in wanted}
    for partner in list(bid.partners):
        if partner.organisation_id not in duties:
            _take_off(session, actor, bid, partner, now)
        elif partner.duty != duties[partner.organisation_id]:
            _change_duty(session, actor, partner, duties[partner.organisation_id], now)
    known = {partner.organisation_id for partner in bid.partners}
    for row in wanted:
        if row.organisation_id is not None and row.organisation_id not in known:
            _invite(session, actor, bid, row.organisation_id, row.duty, now)


def _differs(bid: Bid, wanted: list[PartnerFacts]) -> bool:
    return {(p.organisation_id, p.duty) for p in bid.partners} != {
        (row.organisation_id, row.duty) for row in wanted
    } or len(wanted) != len(bid.partners)


def _check(session: Session, bid: Bid, wanted: list[PartnerFacts]) -> None:
    possible = {o.id for o in account_queries.possible_partners(session, bid.lead_id)}
    found: list[Invalid] = []
    seen: set[UUID] = set()
    for row, facts in enumerate(wanted):
        field = f"partners.{row}.organisation"
        if facts.organisation_id is None:
            found.append(Invalid(field, N_("Please choose an organisation.")))
        elif facts.organisation_id in seen:
            found.append(Invalid(field, N_("This organisation is named twice.")))
        elif facts.organisation_id not in possible:
            found.append(Invalid(field, N_("This organisation cannot be a partner.")))
        else:
            seen.add(facts.organisation_id)
    if found:
        raise InvalidInput(found)


def _invite(
    session: Session, actor: Actor, bid: Bid, organisation_id: UUID, duty: str, now: datetime
) -> None:
    partner = BidPartner(organisation_id=organisation_id, duty=duty, state=PartnerState.INVITED)
    bid.partners.append(partner)
    session.flush()
    session.refresh(partner, ["organisation"])
    _tell(session, actor, partner, now)


def _change_duty(
    session: Session, actor: Actor, partner: BidPartner, duty: str, now: datetime
) -> None:
    partner.duty = duty
    if partner.state is PartnerState.CONFIRMED:
        PARTNER_MOVES.move(partner, "ask_again")
        _tell(session, actor, partner, now)


def _tell(session: Session, actor: Actor, partner: BidPartner, now: datetime) -> None:
    ref, name = partner.bid.subject_ref, partner.organisation.name
    audit.record(session, actor, Action.PARTNER_INVITED, ref, now, partner=name)
    news.invited(session, partner, now)


def _take_off(session: Session, actor: Actor, bid: Bid, partner: BidPartner, now: datetime) -> None:
    news.taken_off(session, partner, now)
    bid.partners.remove(partner)
    session.delete(partner)
    session.flush()
