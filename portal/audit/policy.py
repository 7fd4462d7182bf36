"""Who may read the log, and who may erase from it."""

from portal.core.access import SYSTEM, Actor, Decision, Role, allow_if
from portal.core.words import N_


def may_read_log(actor: Actor) -> Decision:
    """Auditors and administrators, and the operator by command. Officers do not: before the opening
    its entries, and even the gaps between those they might see, would tell how many bids there are."""
    allowed = actor == SYSTEM or actor.has(Role.AUDITOR, Role.ADMINISTRATOR)
    return allow_if(allowed, N_("The log is open to auditors and administrators."))


def may_name_witnesses(actor: Actor) -> Decision:
    """Auditors: a witness watches those who run the portal."""
    return allow_if(actor.has(Role.AUDITOR), N_("Only auditors say whose signatures are taken."))


def may_erase(actor: Actor) -> Decision:
    """The operator alone, by the command: no page does this."""
    return allow_if(actor == SYSTEM, N_("Only the operator may erase what an entry says."))
