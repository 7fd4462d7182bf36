"""Who forms a team, who answers for a partner."""

from datetime import datetime

from portal.bids import policy
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.teams.models import BidInvitation
from portal.bids.teams.rules import InvitationState
from portal.core.access import Actor, Decision, allow_if
from portal.core.words import N_

GONE = N_("This invitation no longer holds.")
FIXED = N_("The team of a submitted bid stays. Withdraw the bid to change the team.")


def may_form(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """The lead, as long as the bid can be changed and is not handed in."""
    decision = policy.may_change(actor, bid, now)
    if not decision:
        return decision
    return allow_if(bid.state is not BidState.SUBMITTED, FIXED)


def may_use(invitation: BidInvitation, now: datetime) -> Decision:
    """Whoever holds the link, once, while the challenge is open and the bid not handed in."""
    bid = invitation.bid
    formed = bid.state is not BidState.SUBMITTED and bool(policy.still_open(bid, now))
    return allow_if(formed and invitation.state is InvitationState.SENT, GONE)
