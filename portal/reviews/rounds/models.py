"""Tables of rounds and seats."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.challenges.models import Challenge
from portal.core.db import Base, Key, Prose, worded
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.rules import RoundState, SeatState

if TYPE_CHECKING:
    from portal.reviews.sheets.models import Sheet


class Round(Base):
    """One stage of review of a challenge."""

    __tablename__ = "rounds"
    __table_args__ = (UniqueConstraint("challenge_id", "number"),)

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    number: Mapped[int]
    state: Mapped[RoundState] = mapped_column(
        worded(RoundState, "round_state"), default=RoundState.INVITING
    )
    seats_wanted: Mapped[int]
    started_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    started_at: Mapped[datetime]
    sheets_due_at: Mapped[datetime]
    ranked_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    seats: Mapped[list["Seat"]] = relationship(order_by="Seat.position", back_populates="round")

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"round:{self.id}"


class Seat(Base):
    """One reviewer's place in a round; `position` is its turn among those who were asked."""

    __tablename__ = "seats"
    __table_args__ = (
        UniqueConstraint("round_id", "reviewer_id"),
        UniqueConstraint("round_id", "position"),
    )

    id: Mapped[Key]
    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"))
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("reviewers.id"), index=True)
    position: Mapped[int]
    state: Mapped[SeatState] = mapped_column(
        worded(SeatState, "seat_state"), default=SeatState.INVITED
    )
    invited_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    reason: Mapped[Prose] = mapped_column(default="")
    reminded_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship(back_populates="seats")
    reviewer: Mapped[Reviewer] = relationship()
    sheets: Mapped[list["Sheet"]] = relationship(back_populates="seat")
