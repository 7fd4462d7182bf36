"""The table of bids that were set aside since they do not open, with the team's objection."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.models import Bid
from portal.core.db import Base, Key, Prose


class SetAside(Base):
    """That a bid which does not open is kept out, why, and what came of the team's objection."""

    __tablename__ = "bid_set_asides"
    __table_args__ = (
        # One stands at a time; what an objection has undone is history.
        Index(
            "uq_bid_set_asides_standing",
            "bid_id",
            unique=True,
            postgresql_where=text("upheld IS NOT TRUE"),
        ),
        # Nobody is the judge of their own decision; the portal's own (no `decided_by`) any officer's.
        CheckConstraint("answered_by <> decided_by", name="another_officer_answers"),
        CheckConstraint("(answered_at IS NULL) = (upheld IS NULL)", name="answered_with_outcome"),
        CheckConstraint("answered_at IS NULL OR objected_at IS NOT NULL", name="objection_first"),
    )

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    reason: Mapped[Prose]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    """None where the date of a loss of shares decided it."""
    decided_at: Mapped[datetime]
    objection: Mapped[Prose] = mapped_column(default="")
    objected_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    objected_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
    upheld: Mapped[bool | None] = mapped_column(Boolean)
    answer: Mapped[Prose] = mapped_column(default="")

    bid: Mapped[Bid] = relationship()
