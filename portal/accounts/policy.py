"""Who may register organisations and people, and see or end sessions."""

from uuid import UUID

from portal.core.access import Actor, Decision, Role, allow_if
from portal.core.words import N_


def may_administer(actor: Actor) -> Decision:
    """Administrators keep organisations, people and roles; they decide nothing about bids."""
    return allow_if(actor.has(Role.ADMINISTRATOR), N_("Only an administrator may do this."))


def may_end_session(actor: Actor, owner_id: UUID) -> Decision:
    """Everybody ends their own sessions, and nobody else's."""
    return allow_if(actor.user_id == owner_id, N_("This session belongs to somebody else."))
