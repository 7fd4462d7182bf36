"""Who may remove a second factor, and who resets somebody else's: two administrators together."""

from portal.accounts.factor.models import FactorReset
from portal.accounts.factor.rules import needs_factor
from portal.core.access import Actor, Decision, Role, allow_if
from portal.core.words import N_


def may_remove(actor: Actor, is_required: bool) -> Decision:
    """One's own, unless one's role needs it here."""
    needed = is_required and needs_factor(held.role for held in actor.memberships)
    return allow_if(
        not needed, N_("Your role needs a second factor: it can be changed, not removed.")
    )


def may_reset(actor: Actor) -> Decision:
    """Administrators, who decide nothing about bids."""
    return allow_if(actor.has(Role.ADMINISTRATOR), N_("Only an administrator may do this."))


def may_confirm(actor: Actor, reset: FactorReset) -> Decision:
    """Another administrator than the one who asked, and not for oneself."""
    if not actor.has(Role.ADMINISTRATOR):
        return may_reset(actor)
    apart = actor.user_id not in (reset.asked_by_id, reset.person_id)
    return allow_if(apart, N_("A second administrator confirms this."))
