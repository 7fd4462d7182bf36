"""Who may read the log."""

from portal.core.access import Actor, Decision, Role, allow_if
from portal.core.words import N_


def may_read_log(actor: Actor) -> Decision:
    """Auditors and administrators. Officers do not: before the opening its entries, and even the gaps
    between those they might see, would tell them how many bids there are."""
    allowed = actor.has(Role.AUDITOR, Role.ADMINISTRATOR)
    return allow_if(allowed, N_("The log is open to auditors and administrators."))
