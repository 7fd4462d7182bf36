"""The table of counts: what was published at each deadline."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Key


class BidCount(Base):
    """How many sealed bids there were at a deadline, and the root of their fingerprints.

    A deadline that is extended has a count of its own.
    """

    __tablename__ = "bid_counts"
    __table_args__ = (
        UniqueConstraint("challenge_id", "closes_at"),
        # Nothing is counted while it can still change.
        CheckConstraint("counted_at > closes_at", name="counted_after_closing"),
        CheckConstraint("count >= 0", name="count_not_negative"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    closes_at: Mapped[datetime]
    count: Mapped[int]
    root: Mapped[str] = mapped_column(String(64))
    counted_at: Mapped[datetime]
