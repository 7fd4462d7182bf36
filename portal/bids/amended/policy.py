"""Who may say that a bid stays as it is after an amendment."""

from datetime import datetime

from portal.bids import policy
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.core.access import Actor, Decision, allow_if
from portal.core.words import N_

NOT_HANDED_IN = N_("The bid is not submitted.")


def may_acknowledge(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """The lead of a bid that is handed in, until the deadline."""
    decision = policy.may_change(actor, bid, now)
    if not decision:
        return decision
    return allow_if(bid.state is BidState.SUBMITTED, NOT_HANDED_IN)
