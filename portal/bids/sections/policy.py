"""Who writes which section, and who says so."""

from datetime import datetime

from portal.bids import policy as bid_policy
from portal.bids.checks.policy import is_correcting
from portal.bids.models import Bid
from portal.bids.sections.models import BidSection
from portal.core.access import ALLOW, Actor, Decision, allow_if
from portal.core.words import N_

NOT_YOURS = N_("Only the lead of the team and whoever owns this section may write it.")


def may_hold(actor: Actor, bid: Bid, section: BidSection) -> Decision:
    """The lead, and the person of the team whom the lead has named, at any time."""
    if bid_policy.may_lead(actor, bid):
        return ALLOW
    own = section.owner_id == actor.user_id and bid_policy.is_team(actor, bid)
    return allow_if(own, NOT_YOURS)


def may_write(actor: Actor, bid: Bid, section: BidSection, now: datetime) -> Decision:
    """Whoever holds the section, while the challenge is open or its correction is asked for."""
    decision = may_hold(actor, bid, section)
    if not decision or is_correcting(bid, section.section, now):
        return decision
    return bid_policy.still_open(bid, now)


def may_see(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """The team sees how far the sections have come, as long as the challenge is open."""
    decision = allow_if(bid_policy.is_team(actor, bid), bid_policy.NOT_YOURS)
    return bid_policy.still_open(bid, now) if decision else decision
