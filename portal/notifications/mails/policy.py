"""Who may look at the mails that were written."""

from portal.core.access import Actor, Role


def may_read(actor: Actor, is_production: bool) -> bool:
    """An administrator of a demonstration: in production a mail is between the portal and one person."""
    return not is_production and actor.has(Role.ADMINISTRATOR)
