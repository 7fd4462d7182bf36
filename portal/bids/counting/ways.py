"""A challenge's page leads everybody to what was counted at its deadline."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.bids.counting import queries
from portal.challenges.models import Challenge
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """The page of the count, once there is one."""
    if challenge.closes_at and now >= challenge.closes_at and queries.count_of(session, challenge):
        yield Way(
            N_("Number and fingerprints of the bids"), "counting.sealed", {"code": challenge.code}
        )
