"""Who may record clusters; everybody may read them."""

from portal.core.access import Actor, Decision, Role, allow_if
from portal.core.words import N_


def may_record(actor: Actor) -> Decision:
    """City officers plan clusters; an administrator enters published ones."""
    allowed = actor.has(Role.CITY_OFFICER, Role.ADMINISTRATOR)
    return allow_if(allowed, N_("Only city officers and administrators record clusters."))
