"""How a gathering ends, whatever ended it: what the first custodian left is forgotten at once."""

from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids.gathering import queries
from portal.bids.gathering.models import Gathering
from portal.bids.gathering.rules import GATHERING_MOVES


def end(session: Session, challenge_id: UUID, action: str) -> Gathering | None:
    """End the open gathering of a challenge, if there is one."""
    found = queries.open_of(session, challenge_id)
    if found is not None:
        GATHERING_MOVES.move(found, action)
        found.left = None
        session.flush()
    return found
