"""Keeping what a score was when it is changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.reviews.rankings.models import ScoreChange
from portal.reviews.sheets.models import Score


def keep_old(session: Session, score: Score, reason: str, by: UUID, now: datetime) -> ScoreChange:
    """Keep what a score is, before it is changed, in a transaction of the caller's."""
    kept = ScoreChange(
        score_id=score.id,
        old_points=score.points,
        old_reason=score.reason,
        reason=reason,
        by=by,
        at=now,
    )
    session.add(kept)
    return kept
