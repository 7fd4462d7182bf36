"""What follows from bids that were handed in or opened."""

from datetime import datetime
from uuid import UUID

from portal.bids import service
from portal.bids.amended import service as amended
from portal.bids.checks import telling as checks
from portal.core.outbox import Topic
from workers.handlers import handles


@handles(Topic.BID_SUBMITTED)
def tell_team(payload: dict[str, str], now: datetime) -> None:
    """The team learns what was handed in."""
    service.tell_team(UUID(payload["version_id"]), now)


@handles(Topic.BIDS_OPENED)
def tell_teams_of_opening(payload: dict[str, str], now: datetime) -> None:
    """Teams and officers learn that the bids are open."""
    service.tell_teams_of_opening(UUID(payload["challenge_id"]), now)


@handles(Topic.CHALLENGE_AMENDED)
def tell_of_amendment(payload: dict[str, str], now: datetime) -> None:
    """Teams, followers, askers and officers learn what changed."""
    amended.tell_of_amendment(UUID(payload["amendment_id"]), now)


@handles(Topic.BID_CHECKED)
def tell_of_check(payload: dict[str, str], now: datetime) -> None:
    """The team learns how the formal check was decided."""
    checks.tell_outcome(UUID(payload["bid_id"]), now)
