"""Who decides, who carries the decision through, and who may step back."""

from collections.abc import Collection
from uuid import UUID

from portal.awards import rules
from portal.awards.models import Notice
from portal.awards.rules import NOTICE_MOVES
from portal.bids import policy as bid_policy
from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.challenges.rules import CHALLENGE_MOVES
from portal.core.access import Actor, Decision, allow_if, deny
from portal.core.words import N_


def may_see_decision(actor: Actor, challenge: Challenge) -> Decision:
    """Who reads the papers of a challenge sees how it was decided."""
    return challenge_policy.may_read_papers(actor, challenge)


def may_decide(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body decide, and carry the decision through."""
    return challenge_policy.may_manage(actor, challenge)


def may_take(actor: Actor, notice: Notice, action: str) -> Decision:
    """Whether this officer takes the notice this step now; the window is the rules' matter."""
    decision = may_decide(actor, notice.challenge)
    if not decision:
        return decision
    return allow_if(NOTICE_MOVES.allows(notice.state, action), N_("The notice is past this step."))


def may_renounce(actor: Actor, notice: Notice, bid_id: UUID) -> Decision:
    """The lead of a bid that a notice names as a winner."""
    place = next((one for one in notice.winners if one.bid_id == bid_id), None)
    if place is None:
        return deny(N_("The notice does not award this bid."))
    return bid_policy.may_lead(actor, place.bid)


def may_close(
    actor: Actor, challenge: Challenge, ranked: list[rules.Ranked], kept: Collection[UUID] = ()
) -> Decision:
    """A challenge ends without an award when nobody has one, and the ranking nobody who passed."""
    decision = may_decide(actor, challenge)
    if not decision:
        return decision
    nobody = not kept and not any(row.passed for row in ranked)
    hopeless = nobody and CHALLENGE_MOVES.allows(challenge.state, "fail")
    return allow_if(hopeless, N_("A bid reached the pass mark: decide on it."))
