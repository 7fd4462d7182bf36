"""Tables of rankings."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.models import Bid
from portal.core.db import Base, Json, Key


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

    bid: Mapped[Bid] = relationship()
