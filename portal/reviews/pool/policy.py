"""Who may read and enter the pool."""

from portal.core.access import OFFICERS, Actor, Decision, Role, allow_if
from portal.core.words import N_


def may_read_pool(actor: Actor) -> Decision:
    """Officers, auditors and administrators read the pool."""
    allowed = actor.has(Role.AUDITOR, Role.ADMINISTRATOR, *OFFICERS)
    return allow_if(allowed, N_("The pool is open to officers, auditors and administrators."))


def may_enter_pool(actor: Actor) -> Decision:
    """Officers and administrators enter reviewers."""
    allowed = actor.has(Role.ADMINISTRATOR, *OFFICERS)
    return allow_if(allowed, N_("Only officers and administrators enter reviewers."))
