"""Who may read the pool, propose experts, approve them, and take them out."""

from portal.core.access import ALLOW, OFFICERS, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState

ONLY_OFFICERS = N_("Only officers do this.")


def may_read_pool(actor: Actor) -> Decision:
    """Officers, auditors and administrators read the pool; bidders never do."""
    allowed = actor.has(Role.AUDITOR, Role.ADMINISTRATOR, *OFFICERS)
    return allow_if(allowed, N_("The pool is open to officers, auditors and administrators."))


def may_propose(actor: Actor) -> Decision:
    """Officers and administrators propose experts."""
    allowed = actor.has(Role.ADMINISTRATOR, *OFFICERS)
    return allow_if(allowed, N_("Only officers and administrators propose experts."))


def may_propose_oneself(actor: Actor) -> Decision:
    """Who has a reviewer's account asks to be taken into the pool."""
    return allow_if(actor.has(Role.REVIEWER), N_("Only a reviewer's account can do this."))


def may_edit(actor: Actor, reviewer: Reviewer) -> Decision:
    """The expert, and who may propose one, keep the particulars of whoever is not removed."""
    if reviewer.state is PoolState.REMOVED:
        return deny(N_("Whoever is not in the pool is proposed anew."))
    if reviewer.person_id == actor.user_id:
        return ALLOW
    return may_propose(actor)


def may_approve_lists(actor: Actor) -> Decision:
    """Officers approve a list; of each expert in it, who is neither proposer nor expert."""
    return allow_if(actor.is_officer, ONLY_OFFICERS)


def may_approve(actor: Actor, reviewer: Reviewer) -> Decision:
    """An officer who is neither the proposer nor the expert."""
    if not actor.is_officer:
        return deny(ONLY_OFFICERS)
    another = actor.user_id not in (reviewer.proposed_by, reviewer.person_id)
    return allow_if(another, N_("Another officer than the one who proposed approves."))


def may_rest(actor: Actor, reviewer: Reviewer) -> Decision:
    """The expert, or an officer, says that an expert rests, or is back."""
    return allow_if(actor.is_officer or reviewer.person_id == actor.user_id, ONLY_OFFICERS)


def may_remove(actor: Actor, reviewer: Reviewer) -> Decision:
    """Officers take experts out, but not themselves."""
    allowed = actor.is_officer and reviewer.person_id != actor.user_id
    return allow_if(allowed, ONLY_OFFICERS)
