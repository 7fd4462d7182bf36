"""What the log says of a bid is withheld until the bids of its challenge are opened: decided here alone.

Withheld is whatever has a bid as its subject: drafts, teams, submissions, receipts, reads, refusals. Its
number and leaf stay, so that the log can be checked as before.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bids.models import Bid
from portal.bids.rules import KEPT_SECRET
from portal.challenges.models import Challenge

SUBJECT = "bid:"


def withheld(session: Session, subjects: Collection[str]) -> set[str]:
    """Those of the log's subjects of which nobody may learn yet. One query, however many there are;
    a bid that is not known is withheld."""
    asked = {subject for subject in subjects if subject.startswith(SUBJECT)}
    ids = [found for subject in asked if (found := _id_in(subject))]
    shown = (
        select(Bid.id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(Bid.id.in_(ids), Challenge.state.not_in(KEPT_SECRET))
    )
    return asked - {f"{SUBJECT}{bid_id}" for bid_id in session.scalars(shown)}


def _id_in(subject: str) -> UUID | None:
    try:
        return UUID(subject.removeprefix(SUBJECT))
    except ValueError:
        return None
