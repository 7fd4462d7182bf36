"""Who is there, as the officer and the custodians see it: never a share."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.bids.gathering import queries
from portal.bids.gathering.models import Gathering
from portal.challenges.keys import queries as key_queries
from portal.challenges.keys.rules import Body
from portal.challenges.models import Challenge
from portal.core.db import db


@dataclass(frozen=True)
class Place:
    """A custodian at the opening, and since when their share is there."""

    body: Body
    organisation: str
    person: str
    came_at: datetime | None


def gathering_of(challenge: Challenge, now: datetime) -> dict[str, Any]:
    """The gathering that runs, with its custodians; and the one before, if it came to nothing."""
    found = queries.last_of(db.session, challenge.id)
    runs = found is not None and found.is_running(now)
    return {
        "gathering": found if runs else None,
        "gathering_before": None if runs else found,
        "places": _places(challenge, found) if runs and found else [],
    }


def _places(challenge: Challenge, gathering: Gathering) -> list[Place]:
    key = key_queries.key_of(db.session, challenge.id)
    return [
        Place(
            share.body,
            share.organisation.name,
            share.person.name,
            gathering.came_at if gathering.holder == share.holder else None,
        )
        for share in (key.shares if key else [])
    ]
