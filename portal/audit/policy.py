"""Who may read the log."""

from portal.core.access import OFFICERS, Actor, Decision, Role, allow_if
from portal.core.words import N_


def may_read_log(actor: Actor) -> Decision:
    """Auditors and administrators read all; officers too, since every act of theirs is in it."""
    allowed = actor.has(Role.AUDITOR, Role.ADMINISTRATOR, *OFFICERS)
    return allow_if(allowed, N_("The log is open to auditors, officers and administrators."))
