"""Who must not see which bid, and why."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.bids.models import Bid
from portal.challenges.models import Challenge
from portal.reviews.conflicts.models import Conflict


def excluded(session: Session, challenge_id: UUID) -> dict[UUID, list[Conflict]]:
    """Whom no panel of the challenge may have, each with the conflicts, of whatever bid."""
    rows = session.scalars(
        select(Conflict)
        .where(Conflict.challenge_id == challenge_id, Conflict.lifted_at.is_(None))
        .order_by(Conflict.reviewer_id, Conflict.since, Conflict.id)
    )
    found: dict[UUID, list[Conflict]] = defaultdict(list)
    for row in rows:
        found[row.reviewer_id].append(row)
    return dict(found)


def pairs(session: Session, call_id: UUID) -> Sequence[Row[UUID, UUID]]:
    """Which expert must not see which bid of a call: (reviewer_id, bid_id), each once.

    A conflict with a whole challenge counts for each of its bids.
    """
    return session.execute(
        select(Conflict.reviewer_id, Bid.id)
        .join(
            Bid,
            (Bid.challenge_id == Conflict.challenge_id)
            & or_(Conflict.bid_id.is_(None), Conflict.bid_id == Bid.id),
        )
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(Challenge.call_id == call_id, Conflict.lifted_at.is_(None))
        .distinct()
        .order_by(Bid.id, Conflict.reviewer_id)
    ).all()


def standing(session: Session, reviewer_id: UUID, challenge_id: UUID) -> Sequence[Conflict]:
    """The conflicts of one expert with a challenge, the oldest first."""
    return session.scalars(
        select(Conflict)
        .where(
            Conflict.challenge_id == challenge_id,
            Conflict.reviewer_id == reviewer_id,
            Conflict.lifted_at.is_(None),
        )
        .options(joinedload(Conflict.bid))
        .order_by(Conflict.since, Conflict.id)
    ).all()
