"""What a team's bid page says of a bid that is sealed after the opening."""

from datetime import datetime

from portal.bids.models import Bid
from portal.bids.returning import queries
from portal.bids.rules import UNOPENED, BidState
from portal.core.db import db


def still_sealed(bid: Bid, is_team: bool, now: datetime) -> dict[str, bool]:
    """Whether it is to be handed in again, or did not open; for the team alone, after the opening."""
    sealed = is_team and bid.challenge.opened_at is not None and bid.state in UNOPENED
    is_aside = bid.state is BidState.SET_ASIDE
    return {
        "asked_again": sealed and not is_aside and queries.is_asked(db.session, bid, now),
        "did_not_open": sealed and (is_aside or bid.versions[-1].fault is not None),
    }
