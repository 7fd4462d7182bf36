"""Who may draft, see and manage a challenge."""

from portal.challenges import rules
from portal.challenges.models import Call, Challenge, Proposal
from portal.challenges.rules import CHALLENGE_MOVES, PUBLIC_STATES, ChallengeState
from portal.core.access import ALLOW, OFFICERS, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_

NOT_ISSUER = N_("Only officers of the issuing body may do this.")
TOO_FAR = N_("This challenge can no longer be cancelled.")


def may_write(actor: Actor) -> Decision:
    """Challenges are written by officers."""
    return allow_if(actor.is_officer, NOT_ISSUER)


def may_draft(actor: Actor, call: Call) -> Decision:
    """Officers write challenges for the calls of their own body."""
    return allow_if(call.issuer_id in actor.organisations_as(*OFFICERS), NOT_ISSUER)


def may_manage(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body run a challenge from draft to award."""
    return may_draft(actor, challenge.call)


def may_edit(actor: Actor, challenge: Challenge) -> Decision:
    """A draft is changed freely; what was published is not."""
    if challenge.state is ChallengeState.PROPOSED:
        return deny(N_("What waits for a second officer is not edited; take it back first."))
    if challenge.state is not ChallengeState.DRAFT:
        return deny(N_("A published challenge is not edited."))
    return may_manage(actor, challenge)


def may_propose(actor: Actor, challenge: Challenge) -> Decision:
    """The issuing body proposes its drafts for publishing."""
    return may_edit(actor, challenge)


def may_decide(actor: Actor, proposal: Proposal) -> Decision:
    """Four eyes: another officer of the issuing body publishes or returns what was proposed."""
    decision = may_manage(actor, proposal.challenge)
    if not decision:
        return decision
    if proposal.outcome is not None:
        return deny(N_("This proposal has been decided."))
    second = rules.is_second_pair_of_eyes(proposal.proposed_by, actor.user_id)
    return allow_if(second, N_("A second officer decides on what you have proposed yourself."))


def may_take_back(actor: Actor, proposal: Proposal) -> Decision:
    """Whoever proposed a draft takes it back before it is decided."""
    decision = may_manage(actor, proposal.challenge)
    if not decision:
        return decision
    own = proposal.proposed_by == actor.user_id and proposal.outcome is None
    return allow_if(own, N_("Only whoever proposed it takes it back, before it is decided."))


def may_cancel(actor: Actor, challenge: Challenge) -> Decision:
    """The issuing body takes back what is not opened yet."""
    decision = may_manage(actor, challenge)
    if not decision:
        return decision
    return allow_if(CHALLENGE_MOVES.allows(challenge.state, "cancel"), TOO_FAR)


def may_see(actor: Actor | None, challenge: Challenge) -> bool:
    """Everybody sees what was published; drafts are the issuing body's, cancelled ones if public."""
    public = challenge.state in PUBLIC_STATES and challenge.published_at is not None
    return public or (actor is not None and bool(may_manage(actor, challenge)))


def may_read_papers(actor: Actor, challenge: Challenge) -> Decision:
    """Who reads opened bids and rankings: the issuing body, city officers and auditors."""
    if actor.has(Role.AUDITOR, Role.CITY_OFFICER):
        return ALLOW
    return may_manage(actor, challenge)
