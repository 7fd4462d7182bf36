"""Tables of rankings."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.models import Bid
from portal.core.db import Base, Json, Key, Prose


class Ranking(Base):
    """A frozen snapshot: the inputs, the rule and the order; a later change makes a new number."""

    __tablename__ = "rankings"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: Mapped[Key]
    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"))
    number: Mapped[int]
    computed_at: Mapped[datetime]
    rule: Mapped[Json]
    inputs: Mapped[Json]
    inputs_sha256: Mapped[str] = mapped_column(String(64))
    advice: Mapped[Json | None]
    """What stands beside the order: see rankings/advising.py; None where too little is known."""
    changes: Mapped[list[Json]] = mapped_column(JSONB, default=list)
    """What differs from the inputs of the snapshot before, and why."""

    places: Mapped[list["RankingPlace"]] = relationship(order_by="RankingPlace.place")


class RankingPlace(Base):
    """One bid's place in a ranking; `mean` by the challenge's rule, `passed` by its pass mark."""

    __tablename__ = "ranking_places"
    __table_args__ = (UniqueConstraint("ranking_id", "bid_id"),)

    id: Mapped[Key]
    ranking_id: Mapped[UUID] = mapped_column(ForeignKey("rankings.id"))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    place: Mapped[int]
    mean: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    passed: Mapped[bool] = mapped_column(Boolean)
    tied: Mapped[bool] = mapped_column(Boolean, default=False)
    breaks: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """The values that tell equals apart, in the rule's order."""
    votes: Mapped[int | None]
    """How many reviewers vote in favour, where there is a vote."""

    bid: Mapped[Bid] = relationship()


class ScoreChange(Base):
    """What a score was before it was changed, and why it was; kept for ever."""

    __tablename__ = "score_changes"

    id: Mapped[Key]
    score_id: Mapped[UUID] = mapped_column(ForeignKey("scores.id"), index=True)
    old_points: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    old_reason: Mapped[Prose]
    reason: Mapped[Prose]
    by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
