"""Tables of the pool, rounds, seats, sheets and rankings."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.bids.models import Bid
from portal.challenges.models import Challenge, Criterion
from portal.core.db import Base, Json, Key, Prose, worded
from portal.reviews.rules import RoundState, SeatState, SheetState, Stratum


class Reviewer(Base):
    """An expert in the pool (专家库)."""

    __tablename__ = "reviewers"

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    stratum: Mapped[Stratum] = mapped_column(worded(Stratum, "stratum"))
    title: Mapped[str] = mapped_column(String(100), default="")
    disciplines: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    entered_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()


class Round(Base):
    """One stage of review of a challenge; `order` is the frozen order in which the pool is asked."""

    __tablename__ = "rounds"
    __table_args__ = (UniqueConstraint("challenge_id", "number"),)

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    number: Mapped[int]
    state: Mapped[RoundState] = mapped_column(
        worded(RoundState, "round_state"), default=RoundState.INVITING
    )
    seats_wanted: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    draw: Mapped[Json]
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
    """One reviewer's place in a round; `position` is the place in the round's order."""

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

    seat: Mapped[Seat] = relationship(back_populates="sheets")
    bid: Mapped[Bid] = relationship()
    scores: Mapped[list["Score"]] = relationship(cascade="all, delete-orphan")

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"sheet:{self.id}"


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
