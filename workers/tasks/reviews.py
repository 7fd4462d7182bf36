"""The workflow of a round: invite, refill, score, rank, tell."""

from datetime import datetime
from uuid import UUID

from portal.core.outbox import Topic
from portal.reviews.allotment import refilling
from portal.reviews.conflicts import late
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rankings.disagreement import service as disagreement
from portal.reviews.rounds import service as round_service
from workers.handlers import handles


@handles(Topic.TIES_CHANGED)
def look_again(payload: dict[str, str], now: datetime) -> None:
    """Look for conflicts wherever the expert sits."""
    late.look_again(UUID(payload["reviewer_id"]), now)


@handles(Topic.ROUND_STARTED)
def invite(payload: dict[str, str], now: datetime) -> None:
    """Invite in the order of the draw."""
    round_service.invite(UUID(payload["round_id"]), now)


@handles(Topic.SEAT_VACATED)
def refill(payload: dict[str, str], now: datetime) -> None:
    """Invite the next in order."""
    round_service.refill(UUID(payload["round_id"]), now)


@handles(Topic.POOL_VACATED)
def refill_pool(payload: dict[str, str], now: datetime) -> None:
    """Of a pool, solve again around those who stay."""
    refilling.refill(UUID(payload["round_id"]), now)


@handles(Topic.FURTHER_SEAT)
def ask_further(payload: dict[str, str], now: datetime) -> None:
    """Give a further reviewer the sheet, or ask another."""
    disagreement.ask_further(UUID(payload["round_id"]), now)


@handles(Topic.SEAT_ACCEPTED)
def begin_scoring(payload: dict[str, str], now: datetime) -> None:
    """Begin when the last seat is taken."""
    round_service.begin_scoring(UUID(payload["round_id"]), now)


@handles(Topic.SHEET_SUBMITTED)
def rank(payload: dict[str, str], now: datetime) -> None:
    """Rank when the last sheet is in."""
    ranking_service.rank_round(UUID(payload["round_id"]), now)


@handles(Topic.DISAGREEMENT_CLOSED)
def go_on(payload: dict[str, str], now: datetime) -> None:
    """Rank when no disagreement is open any more."""
    ranking_service.rank_round(UUID(payload["round_id"]), now)


@handles(Topic.ROUND_CLOSED)
def rank_closed(payload: dict[str, str], now: datetime) -> None:
    """Rank what is in."""
    ranking_service.rank_round(UUID(payload["round_id"]), now)


@handles(Topic.ROUND_RANKED)
def tell_officers(payload: dict[str, str], now: datetime) -> None:
    """Tell the issuing body."""
    round_service.tell_officers(UUID(payload["round_id"]), now)
