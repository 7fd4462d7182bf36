"""Who decides about a bid that did not open, who objects, who answers."""

from datetime import datetime

from portal.bids import policy as bid_policy
from portal.bids.models import Bid
from portal.bids.rules import BID_MOVES, UNOPENED
from portal.bids.unopened import rules
from portal.bids.unopened.models import SetAside
from portal.challenges import policy as challenge_policy
from portal.core.access import ALLOW, Actor, Decision, allow_if, deny
from portal.core.words import N_


def may_see(actor: Actor, bid: Bid) -> Decision:
    """After the opening, the team and those who read the challenge's papers; a bid that did not open."""
    opened = bid.challenge.opened_at is not None and bid.state in UNOPENED
    if not opened:
        return deny(N_("There is no such bid here."))
    if bid_policy.is_team(actor, bid):
        return ALLOW
    return challenge_policy.may_read_papers(actor, bid.challenge)


def may_set_aside(actor: Actor, bid: Bid, was_tried: bool, is_returning: bool) -> Decision:
    """Officers of the issuing body, once it was tried, and not while it may be handed in again."""
    decision = challenge_policy.may_manage(actor, bid.challenge)
    if not decision:
        return decision
    if bid.challenge.opened_at is None or not BID_MOVES.allows(bid.state, "set_aside"):
        return deny(N_("This bid cannot be set aside now."))
    if is_returning:
        return deny(N_("The bid may still be handed in again."))
    return allow_if(was_tried, N_("The opening of this bid has not been tried yet."))


def may_object(actor: Actor, bid: Bid, aside: SetAside | None, now: datetime) -> Decision:
    """The lead of the team, once, in time."""
    decision = bid_policy.may_lead(actor, bid)
    if not decision:
        return decision
    if aside is None or aside.objected_at is not None:
        return deny(N_("There is nothing to object to."))
    return allow_if(now < rules.objection_until(aside.decided_at), bid_policy.TOO_LATE)


def may_answer(actor: Actor, bid: Bid, aside: SetAside | None) -> Decision:
    """Officers of the issuing body, but not the one who set the bid aside."""
    decision = challenge_policy.may_manage(actor, bid.challenge)
    if not decision:
        return decision
    if aside is None or aside.objected_at is None or aside.answered_at is not None:
        return deny(N_("No objection waits for a decision."))
    another = N_("Another officer than the one who set the bid aside decides on the objection.")
    return allow_if(aside.decided_by != actor.user_id, another)
