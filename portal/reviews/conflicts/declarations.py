"""Keeping what a reviewer declared: without it nothing of a bid is shown to them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.reviews.conflicts.models import Declaration
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.queries import bids_of

Told = Mapping[UUID, tuple[ConflictKind | None, str]]


def keep(session: Session, seat: Seat, told: Told, now: datetime) -> None:
    """What was said about each bid; what was said before stays."""
    rows = [
        {"seat_id": seat.id, "bid_id": bid_id, "tie": tie, "words": words.strip(), "made_at": now}
        for bid_id, (tie, words) in told.items()
    ]
    if rows:
        session.execute(insert(Declaration).on_conflict_do_nothing(), rows)


def keep_none(session: Session, seat: Seat, now: datetime) -> None:
    """That there is no tie to any bid."""
    there = bids_of(session, seat)
    keep(session, seat, {bid.id: (None, "") for bid in there}, now)
