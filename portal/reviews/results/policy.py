"""Who checks reviewers' words, and who reads the result of a bid."""

from portal.bids import policy as bid_policy
from portal.bids.models import Bid
from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.core.access import Actor, Decision, allow_if, deny
from portal.core.words import N_
from portal.reviews.results.rules import CHECKED_IN, TOLD_IN


def may_check(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body, once the ranking stands."""
    decision = challenge_policy.may_manage(actor, challenge)
    if not decision:
        return decision
    ranked = challenge.state in CHECKED_IN
    return allow_if(ranked, N_("Comments are checked once the ranking stands."))


def may_read(actor: Actor, bid: Bid) -> Decision:
    """The team of the bid and nobody else, from the notice on."""
    if not bid_policy.is_team(actor, bid):
        return deny(N_("A result is its own team's."))
    return allow_if(bid.challenge.state in TOLD_IN, N_("Results are told with the notice."))
