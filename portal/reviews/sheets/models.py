"""Tables of score sheets."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.bids.models import Bid
from portal.challenges.models import Criterion
from portal.core.db import Base, Key, Prose, worded
from portal.reviews.rounds.models import Seat
from portal.reviews.sheets.rules import ReturnState, SheetState


class Sheet(Base):
    """One reviewer's scores of one bid."""

    __tablename__ = "sheets"
    __table_args__ = (UniqueConstraint("seat_id", "bid_id"),)

    id: Mapped[Key]
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seats.id"))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    state: Mapped[SheetState] = mapped_column(
        worded(SheetState, "sheet_state"), default=SheetState.DRAFT
    )
    comment: Mapped[Prose] = mapped_column(default="")
    total: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    submitted_at: Mapped[datetime | None]
    in_favour: Mapped[bool | None]
    """The reviewer's vote for the bid, where the challenge's rule asks for one."""
    revision: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Counts what was saved: two windows of one reviewer do not overwrite each other."""
    saved_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    """When an officer last gave it back; what it said before, its scores' changes keep."""

    seat: Mapped[Seat] = relationship(back_populates="sheets")
    bid: Mapped[Bid] = relationship()
    scores: Mapped[list["Score"]] = relationship(cascade="all, delete-orphan")

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"sheet:{self.id}"


class SheetReturn(Base):
    """An officer's wish to give a submitted sheet back; another one agrees, or it is refused."""

    __tablename__ = "sheet_returns"
    __table_args__ = (
        Index(
            "uq_sheet_returns_asked",
            "sheet_id",
            unique=True,
            postgresql_where=text("state = 'asked'"),
        ),
        CheckConstraint("state <> 'agreed' OR decided_by <> asked_by", name="another_agrees"),
        CheckConstraint(
            "(state = 'asked') = (decided_by IS NULL) AND (state = 'asked') = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
    )

    id: Mapped[Key]
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id"), index=True)
    state: Mapped[ReturnState] = mapped_column(
        worded(ReturnState, "return_state"), default=ReturnState.ASKED
    )
    reason: Mapped[Prose]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]

    sheet: Mapped[Sheet] = relationship()
    asker: Mapped[Person] = relationship(foreign_keys=[asked_by])


class Score(Base):
    """Points for one criterion, from 0 to its weight, with the reason; a draft may lack the points."""

    __tablename__ = "scores"
    __table_args__ = (
        UniqueConstraint("sheet_id", "criterion_id"),
        CheckConstraint("points >= 0 AND points <= 100", name="points_in_range"),
    )

    id: Mapped[Key]
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id", ondelete="CASCADE"))
    criterion_id: Mapped[UUID] = mapped_column(ForeignKey("criteria.id"))
    points: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    reason: Mapped[Prose] = mapped_column(default="")

    criterion: Mapped[Criterion] = relationship()
