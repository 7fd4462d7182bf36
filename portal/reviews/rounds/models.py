"""Tables of rounds and seats."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.challenges.models import Challenge
from portal.core.db import Base, Json, Key, Prose, worded
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.plan import RoundPlan
from portal.reviews.rounds.rules import RoundKind, RoundState, SeatState
from portal.reviews.rounds.steps import StepKind

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
    kind: Mapped[RoundKind] = mapped_column(
        worded(RoundKind, "round_kind"), default=RoundKind.PANEL, server_default="panel"
    )
    plan: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    """The days that differ from those that the challenge says."""
    seats_wanted: Mapped[int]
    """How many reviewers; of a pool round, how many for each bid."""
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

    @property
    def days(self) -> RoundPlan:
        """Its timetable."""
        usual = RoundPlan.of(self.challenge.rules).kept()
        return RoundPlan(**{**usual, **self.plan})


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
    only_bid_id: Mapped[UUID | None] = mapped_column(ForeignKey("bids.id"))
    """Set for a further reviewer, asked beside the panel about one bid in dispute."""
    due_at: Mapped[datetime | None]
    """When its sheets are due, if not when the round says."""

    round: Mapped[Round] = relationship(back_populates="seats")
    reviewer: Mapped[Reviewer] = relationship()
    sheets: Mapped[list["Sheet"]] = relationship(back_populates="seat")
    given: Mapped[list["SeatBid"]] = relationship(cascade="all, delete-orphan")
    steps: Mapped[list["SeatStep"]] = relationship(
        order_by="SeatStep.at", cascade="all, delete-orphan"
    )

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"seat:{self.id}"

    @property
    def sheets_due_at(self) -> datetime:
        """When its sheets are due."""
        return self.due_at or self.round.sheets_due_at


class SeatStep(Base):
    """Something that was done about a seat by the clock: once for each date that it was about."""

    __tablename__ = "seat_steps"
    __table_args__ = (UniqueConstraint("seat_id", "kind", "due_at"),)

    id: Mapped[Key]
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seats.id", ondelete="CASCADE"))
    kind: Mapped[StepKind] = mapped_column(worded(StepKind, "step_kind"))
    due_at: Mapped[datetime]
    at: Mapped[datetime]


class SeatBid(Base):
    """That a seat of a pool round scores a bid; a panel's seats score every bid without it.

    A trigger of the database gives no seat a bid across a conflict that stands.
    """

    __tablename__ = "seat_bids"

    seat_id: Mapped[UUID] = mapped_column(
        ForeignKey("seats.id", ondelete="CASCADE"), primary_key=True
    )
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), primary_key=True, index=True)
