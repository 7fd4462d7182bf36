"""Who hands a bid in again, and while what."""

from portal.bids import policy as bid_policy
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.core.access import Actor, Decision, allow_if
from portal.core.words import N_


def may_return(actor: Actor, bid: Bid, is_asked: bool) -> Decision:
    """The lead of a bid that is sealed after the opening, while it is asked to: a loss of shares is
    confirmed and its date ahead, or an objection of the team was upheld."""
    decision = bid_policy.may_lead(actor, bid)
    if not decision:
        return decision
    waits = bid.state is BidState.SUBMITTED and bid.challenge.opened_at is not None
    return allow_if(waits and is_asked, N_("This bid is not handed in again now."))
