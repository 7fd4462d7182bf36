"""Who may follow a challenge."""

from portal.challenges import policy
from portal.challenges.models import Challenge
from portal.core.access import Actor


def may_follow(actor: Actor, challenge: Challenge) -> bool:
    """Whoever may see a challenge that was published may follow it."""
    return challenge.published_at is not None and policy.may_see(actor, challenge)
