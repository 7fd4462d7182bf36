"""The workflow of a round: draw, refill, score, rank, tell."""

from datetime import datetime
from uuid import UUID

from portal.core.outbox import Topic
from portal.reviews import service
from workers.handlers import handles


@handles(Topic.ROUND_STARTED)
def draw(payload: dict[str, str], now: datetime) -> None:
    """Draw and invite."""
    service.draw(UUID(payload["round_id"]), now)


@handles(Topic.SEAT_VACATED)
def refill(payload: dict[str, str], now: datetime) -> None:
    """Invite the next in order."""
    service.refill(UUID(payload["round_id"]), now)


@handles(Topic.SEAT_ACCEPTED)
def begin_scoring(payload: dict[str, str], now: datetime) -> None:
    """Begin when the last seat is taken."""
    service.begin_scoring(UUID(payload["round_id"]), now)


@handles(Topic.SHEET_SUBMITTED)
def rank(payload: dict[str, str], now: datetime) -> None:
    """Rank when the last sheet is in."""
    service.rank_round(UUID(payload["round_id"]), now)


@handles(Topic.ROUND_RANKED)
def tell_officers(payload: dict[str, str], now: datetime) -> None:
    """Tell the issuing body."""
    service.tell_officers(UUID(payload["round_id"]), now)
