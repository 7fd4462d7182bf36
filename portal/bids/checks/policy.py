"""Who checks, corrects, replies, and decides on a reply."""

from datetime import datetime

from portal.bids import policy as bid_policy
from portal.bids.checks import queries
from portal.bids.models import Bid
from portal.bids.rules import BID_MOVES, BidState
from portal.bids.sections.rules import Section
from portal.challenges import policy as challenge_policy
from portal.core.access import Actor, Decision, allow_if, deny
from portal.core.words import N_

NOT_NOW = N_("The formal check of this bid takes no answers now.")


def may_check(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """Officers of the issuing body, while the bid is opened or its correction has lapsed."""
    decision = challenge_policy.may_manage(actor, bid.challenge)
    if not decision:
        return decision
    lapsed = bid.state is BidState.CORRECTING and is_lapsed(bid, now)
    return allow_if(BID_MOVES.allows(bid.state, "pass") or lapsed, NOT_NOW)


def is_lapsed(bid: Bid, now: datetime) -> bool:
    """Whether the time for a correction is over."""
    return bid.correction is not None and now >= bid.correction.due_at


def may_ask_correction(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """Whoever may check, once a bid."""
    decision = may_check(actor, bid, now)
    if not decision:
        return decision
    return allow_if(bid.correction is None, N_("A correction was asked for once already."))


def is_correcting(bid: Bid, section: Section, now: datetime) -> bool:
    """Whether this section may be changed although bidding is over."""
    asked = bid.correction
    open_now = bid.state is BidState.CORRECTING and asked is not None and now < asked.due_at
    return open_now and asked is not None and section in asked.named


def may_hand_in_correction(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """The lead, while a correction is asked for and its time runs."""
    decision = bid_policy.may_lead(actor, bid)
    if not decision:
        return decision
    if bid.state is not BidState.CORRECTING:
        return deny(N_("No correction is asked for."))
    return allow_if(not is_lapsed(bid, now), bid_policy.TOO_LATE)


def may_reply(actor: Actor, bid: Bid, now: datetime) -> Decision:
    """The lead of a refused team, once, in time."""
    decision = bid_policy.may_lead(actor, bid)
    if not decision:
        return decision
    until = queries.reply_until(bid)
    return allow_if(until is not None and now < until, N_("No reply is possible now."))


def may_decide_reply(actor: Actor, bid: Bid) -> Decision:
    """Officers of the issuing body, but not the one who refused."""
    decision = challenge_policy.may_manage(actor, bid.challenge)
    if not decision:
        return decision
    if bid.state is not BidState.CONTESTED or bid.reply is None:
        return deny(N_("No reply waits for a decision."))
    another = N_("Another officer than the one who refused decides on the reply.")
    return allow_if(bid.reply.refused_by != actor.user_id, another)
