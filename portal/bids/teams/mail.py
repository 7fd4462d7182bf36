"""The mail that carries an invitation's link to an address that nobody has yet."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids.teams.links import PURPOSE
from portal.bids.teams.models import BidInvitation
from portal.core.access import Actor
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.notifications.mails import queries, writing
from portal.notifications.mails.rules import MailState

SUBJECT = N_("%(lead)s asks your organisation to join its bid on “%(title)s”.")
HINT = N_(
    "What is asked stands behind the link. Register your organisation there, or take it up with"
    " an account that you have. The link works once, until %(closes)s (Beijing time)."
)


def _key(invitation_id: UUID) -> str:
    return f"bid-invitation:{invitation_id}"


def send_invitation(session: Session, actor: Actor, row: BidInvitation) -> bool:
    """Write the mail with the link; whether it was: nobody may flood an address through the portal."""
    challenge = row.bid.challenge
    closes = challenge.closes_at
    facts: dict[str, object] = {
        "lead": row.bid.lead.name,
        "title": both(challenge),
        "closes": closes.astimezone(PLACE).strftime("%Y-%m-%d %H:%M") if closes else "",
    }
    invitation = writing.Invitation(
        row.email, _key(row.id), Message(SUBJECT, facts), HINT, "/join/", row.id, PURPOSE
    )
    return writing.to_stranger(session, actor, invitation)


def sent(session: Session, invitations: Sequence[BidInvitation]) -> dict[UUID, MailState]:
    """What became of the invitations' mails; one that was not written is not among them."""
    states = queries.states_of(session, [(row.email, _key(row.id)) for row in invitations])
    return {row.id: states[_key(row.id)] for row in invitations if _key(row.id) in states}
