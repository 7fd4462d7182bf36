"""Reads of rankings."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.reviews.rankings import snapshot
from portal.reviews.rankings.models import Ranking, RankingPlace, ScoreChange
from portal.reviews.rankings.snapshot import Inputs
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundKind
from portal.reviews.sheets.models import Score, Sheet


def _rankings(challenge_id: UUID) -> Select[Ranking]:
    return (
        select(Ranking)
        .join(Round, Round.id == Ranking.round_id)
        .where(Round.challenge_id == challenge_id)
        .options(selectinload(Ranking.places).joinedload(RankingPlace.bid))
        .order_by(Round.number.desc(), Ranking.number.desc())
    )


def latest_ranking(session: Session, challenge_id: UUID) -> Ranking | None:
    """The newest snapshot of a challenge's ranking, with its places and bids."""
    return session.scalars(_rankings(challenge_id).limit(1)).first()


def all_of(session: Session, challenge_id: UUID) -> Sequence[Ranking]:
    """Every snapshot of a challenge's sheets, newest first; what a meeting adds has its own page."""
    query = _rankings(challenge_id).where(Round.kind != RoundKind.MEETING)
    return session.scalars(query).all()


def last_of(session: Session, round_id: UUID) -> Ranking | None:
    """A round's last ranking."""
    query = select(Ranking).where(Ranking.round_id == round_id).order_by(Ranking.number.desc())
    return session.scalars(query.limit(1)).first()


def latest_number(session: Session, round_id: UUID) -> int:
    """The number of a round's last ranking; 0 when there is none."""
    query = select(func.max(Ranking.number)).where(Ranking.round_id == round_id)
    return session.scalar(query) or 0


def changes_since(session: Session, before: Ranking, inputs: Inputs) -> list[dict[str, Any]]:
    """What differs from an older snapshot's inputs, and why: the reasons that were given."""
    found = snapshot.differing(before.inputs, inputs)
    for line in found:
        if line["what"] == "changed":
            line["why"] = _reasons(session, UUID(line["sheet"]), before)
        elif line["what"] == "gone":
            line["left"] = _how_left(session, UUID(line["sheet"]))
    return found


def _reasons(session: Session, sheet_id: UUID, before: Ranking) -> list[str]:
    query = (
        select(ScoreChange.reason)
        .join(Score, Score.id == ScoreChange.score_id)
        .where(Score.sheet_id == sheet_id, ScoreChange.at >= before.computed_at)
        .order_by(ScoreChange.at)
    )
    return list(dict.fromkeys(session.scalars(query)))


def _how_left(session: Session, sheet_id: UUID) -> str:
    """The state of the seat whose sheet counts no longer."""
    query = select(Seat.state).join(Sheet, Sheet.seat_id == Seat.id).where(Sheet.id == sheet_id)
    return str(session.scalars(query).one())


def seats_of(session: Session, round_id: UUID) -> dict[str, Seat]:
    """A round's seats by id as text, with their reviewers."""
    query = select(Seat).where(Seat.round_id == round_id).options(joinedload(Seat.reviewer))
    return {str(seat.id): seat for seat in session.scalars(query)}


def changes_of(
    session: Session, round_id: UUID, bid_id: UUID
) -> Sequence[tuple[ScoreChange, Score, UUID]]:
    """What scores of a bid were before they were changed, with the score and its seat, in time."""
    rows = session.execute(
        select(ScoreChange, Score, Sheet.seat_id)
        .join(Score, Score.id == ScoreChange.score_id)
        .join(Sheet, Sheet.id == Score.sheet_id)
        .join(Seat, Seat.id == Sheet.seat_id)
        .where(Seat.round_id == round_id, Sheet.bid_id == bid_id)
        .options(joinedload(Score.criterion))
        .order_by(ScoreChange.at, ScoreChange.id)
    )
    return [(change, score, seat_id) for change, score, seat_id in rows]
