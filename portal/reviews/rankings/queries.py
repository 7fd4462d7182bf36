"""Reads of rankings."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from portal.reviews.rankings.models import Ranking, RankingPlace
from portal.reviews.rounds.models import Round


def latest_ranking(session: Session, challenge_id: UUID) -> Ranking | None:
    """The newest snapshot of a challenge's ranking, with its places and bids."""
    return session.scalars(
        select(Ranking)
        .join(Round, Round.id == Ranking.round_id)
        .where(Round.challenge_id == challenge_id)
        .options(selectinload(Ranking.places).joinedload(RankingPlace.bid))
        .order_by(Round.number.desc(), Ranking.number.desc())
        .limit(1)
    ).first()


def latest_number(session: Session, round_id: UUID) -> int:
    """The number of a round's last ranking; 0 when there is none."""
    query = select(func.max(Ranking.number)).where(Ranking.round_id == round_id)
    return session.scalar(query) or 0
