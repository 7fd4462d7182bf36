"""What the page of a team shows, in the words of the components."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.bids.models import Bid, BidPartner, PartnerConsent
from portal.bids.rules import PartnerState
from portal.bids.teams import mail, queries
from portal.bids.teams.links import token_of
from portal.bids.teams.models import BidInvitation
from portal.bids.teams.rules import digest_of
from portal.core.words import N_
from portal.notifications.mails.rules import MailState

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


NOT_MAILED = N_("No mail could be sent: pass this link on yourself.")
MAILED = {
    MailState.WAITING: N_("A mail with this link is on its way."),
    MailState.SENT: N_("A mail with this link was sent."),
    MailState.KEPT: N_("The portal has no mail server: pass this link on yourself."),
}


@dataclass(frozen=True)
class InvitationRow:
    """An invitation to an address without an account: its link, and what became of its mail."""

    invitation: BidInvitation
    link: str
    mail: str


def joining_links(session: Session, bid: Bid) -> list[InvitationRow]:
    """Invitations to addresses without an account, each with the link to pass on."""
    rows = queries.invitations(session, bid.id)
    mails = mail.sent(session, rows)
    return [
        InvitationRow(
            row,
            url_for("joining.join", token=token_of(row.id), _external=True),
            MAILED.get(mails[row.id], NOT_MAILED) if row.id in mails else NOT_MAILED,
        )
        for row in rows
    ]
