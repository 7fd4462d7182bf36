"""What follows when a challenge is published or cancelled."""

from datetime import datetime
from uuid import UUID

from portal.challenges import service
from portal.challenges.finding import service as finding
from portal.challenges.rules import ChallengeState
from portal.core.outbox import Topic
from workers.handlers import handles


@handles(Topic.CHALLENGE_PUBLISHED)
def tell_bidders(payload: dict[str, str], now: datetime) -> None:
    """Tell every bidder."""
    service.tell_bidders(UUID(payload["challenge_id"]), now)


@handles(Topic.CHALLENGE_CANCELLED)
def tell_of_cancelling(payload: dict[str, str], now: datetime) -> None:
    """Tell the officers, and the bidders when they had been told of it."""
    service.tell_of_cancelling(UUID(payload["challenge_id"]), now)


@handles(Topic.CHALLENGE_MOVED)
def tell_followers(payload: dict[str, str], now: datetime) -> None:
    """Tell who follows a challenge of its new state."""
    state = ChallengeState(payload["state"])
    finding.tell_followers(UUID(payload["challenge_id"]), state, payload["at"], now)
