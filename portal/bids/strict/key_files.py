"""The small file with which a bid is sealed on the bidder's own machine."""

from sqlalchemy.orm import Session

from portal.bids.models import Bid
from portal.bids.teams import queries as team_queries
from portal.challenges.keys import queries as keys
from portal.core.db import Json
from portal.core.titles import both

FORM = "jiebang-sealing-key-v1"


def of(session: Session, bid: Bid) -> Json:
    """The challenge's public key, and what the manifest of the bid's next version names.

    Raises IllegalMove while there is no key.
    """
    return {
        "form": FORM,
        "public_key": keys.public_key(session, bid.challenge_id).hex(),
        "challenge": str(bid.challenge_id),
        "code": bid.challenge.code,
        "title": both(bid.challenge),
        "bid": str(bid.id),
        "version": len(bid.versions) + 1,
        "lead": {"id": str(bid.lead_id), "name": bid.lead.name},
        "partners": [team_queries.written(partner) for partner in bid.partners],
        "indicators": [
            {"id": str(row.id), "name": row.name, "asked": row.asked, "unit": row.unit}
            for row in bid.challenge.indicators
        ],
    }
