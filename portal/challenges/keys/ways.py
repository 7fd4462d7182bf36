"""A challenge's page leads its officers, and auditors, to its opening key."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.keys import policy
from portal.challenges.models import Challenge
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """How far the key has come."""
    if actor is not None and policy.may_see(actor, challenge):
        yield Way(N_("Opening key"), "keys.of_challenge", {"challenge_id": challenge.id})
