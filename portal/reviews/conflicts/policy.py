"""Who sees conflicts, enters them, and decides on the wishes of the teams."""

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import ALLOW, OFFICERS, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_
from portal.reviews.conflicts.models import Coworking
from portal.reviews.pool.models import Reviewer

ENTERED_IN = frozenset({ChallengeState.OPENED, ChallengeState.REVIEWING, ChallengeState.RANKED})
"""From the opening until a decision is published: later, the notice is withdrawn first."""


def may_see(actor: Actor, challenge: Challenge) -> Decision:
    """Those who read the challenge's papers, from the opening on."""
    decision = challenge_policy.may_read_papers(actor, challenge)
    if not decision:
        return decision
    return allow_if(challenge.opened_at is not None, N_("The bids are not open."))


def may_enter(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body, from the opening until a decision is published."""
    decision = challenge_policy.may_manage(actor, challenge)
    if not decision:
        return decision
    return may_still_enter(challenge)


def may_still_enter(challenge: Challenge) -> Decision:
    """Whether a conflict can still have its consequences, whoever tells it."""
    text = N_("From the opening until the notice only; a notice has to be withdrawn first.")
    return allow_if(challenge.state in ENTERED_IN, text)


def may_look(actor: Actor, challenge: Challenge) -> Decision:
    """Before anybody has a seat; from then on it is looked for when something is learned."""
    decision = may_enter(actor, challenge)
    if not decision:
        return decision
    early = challenge.state is ChallengeState.OPENED
    return allow_if(early, N_("The round has begun: what is learned is looked at by itself."))


def may_decide(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body decide on what teams wish."""
    return may_enter(actor, challenge)


def may_tell_coworking(actor: Actor, reviewer: Reviewer) -> Decision:
    """The expert, officers and administrators say with whom an expert worked."""
    if reviewer.person_id == actor.user_id:
        return ALLOW
    allowed = actor.has(Role.ADMINISTRATOR, *OFFICERS)
    return allow_if(allowed, N_("Only the expert and officers enter this."))


def may_take_back(actor: Actor, coworking: Coworking) -> Decision:
    """Whoever entered it; what an officer entered, the expert does not take back."""
    if coworking.entered_by == actor.user_id:
        return ALLOW
    return deny(N_("Only whoever entered it takes it back."))
