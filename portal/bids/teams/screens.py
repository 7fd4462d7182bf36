"""What the page of a team shows, in the words of the components."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.bids.models import Bid, BidPartner, PartnerConsent
from portal.bids.rules import PartnerState
from portal.bids.teams import queries
from portal.bids.teams.links import token_of
from portal.bids.teams.models import BidInvitation
from portal.bids.teams.rules import digest_of

TONES = {
    PartnerState.INVITED: "waiting",
    PartnerState.CONFIRMED: "done",
    PartnerState.DECLINED: "late",
}


@dataclass(frozen=True)
class PartnerRow:
    """One partner: what it is asked, the fingerprint of that text, and who has agreed to it."""

    partner: BidPartner
    text: dict[str, Any]
    digest: str
    consent: PartnerConsent | None
    agreed_by: str
    tone: str


def partners_of(session: Session, bid: Bid) -> list[PartnerRow]:
    """The partners in the order in which they were asked."""
    who = [partner.consent.agreed_by for partner in bid.partners if partner.consent]
    names = account_queries.names_of(session, who) if who else {}
    rows = []
    for partner in bid.partners:
        text, consent = queries.offered(partner), partner.consent
        agreed_by = names.get(consent.agreed_by, "") if consent else ""
        tone = TONES[partner.state]
        rows.append(PartnerRow(partner, text, digest_of(text), consent, agreed_by, tone))
    return rows


def joining_links(session: Session, bid: Bid) -> list[tuple[BidInvitation, str]]:
    """Invitations to addresses without an account, each with the link to pass on."""
    return [
        (row, url_for("joining.join", token=token_of(row.id), _external=True))
        for row in queries.invitations(session, bid.id)
    ]
