"""Who may see which bids are alike, have them compared, and judge: never a team."""

from portal.bids.likeness.models import LikePair
from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.core.access import Actor, Decision, allow_if
from portal.core.words import N_

NOT_OPEN = N_("The bids are not open.")


def may_see(actor: Actor, challenge: Challenge) -> Decision:
    """Those who read the challenge's papers, from the opening on."""
    decision = challenge_policy.may_read_papers(actor, challenge)
    if not decision:
        return decision
    return allow_if(challenge.opened_at is not None, NOT_OPEN)


def may_compare(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body, from the opening on."""
    decision = challenge_policy.may_manage(actor, challenge)
    if not decision:
        return decision
    return allow_if(challenge.opened_at is not None, NOT_OPEN)


def may_judge(actor: Actor, pair: LikePair) -> Decision:
    """Officers of the issuing body."""
    return may_compare(actor, pair.challenge)


def may_read_both(actor: Actor, pair: LikePair) -> bool:
    """Whether whoever sees the pair also reads the other bid, which may be another body's."""
    return bool(challenge_policy.may_read_papers(actor, pair.other.challenge))
