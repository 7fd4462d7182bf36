"""Tables of assignments for a call: scenarios, their pairs, and what officers order."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from portal.bids.models import Bid
from portal.challenges.models import Call
from portal.core.db import Base, Json, Key, Prose, worded
from portal.reviews.allotment.rules import AllotmentState, OrderKind, ScenarioState, Wanted
from portal.reviews.pool.models import Reviewer


class Allotment(Base):
    """The assignment for a call: of one released, the next number takes what was opened later."""

    __tablename__ = "allotments"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    id: Mapped[Key]
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id"))
    number: Mapped[int]
    state: Mapped[AllotmentState] = mapped_column(
        worded(AllotmentState, "allotment_state"), default=AllotmentState.PREPARING
    )
    topics: Mapped[Json] = mapped_column(default=dict)
    """By challenge: the codes of the disciplines that its bids are about."""
    started_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    started_at: Mapped[datetime]
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    released_at: Mapped[datetime | None]
    released_number: Mapped[int | None]
    """The scenario that the invitations follow."""

    call: Mapped[Call] = relationship()
    scenarios: Mapped[list["Scenario"]] = relationship(
        order_by="Scenario.number", back_populates="allotment"
    )

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"allotment:{self.id}"


class Scenario(Base):
    """One solution, never changed: what was asked, what came out, and the fingerprints of both."""

    __tablename__ = "allotment_scenarios"
    __table_args__ = (UniqueConstraint("allotment_id", "number"),)

    id: Mapped[Key]
    allotment_id: Mapped[UUID] = mapped_column(ForeignKey("allotments.id"))
    number: Mapped[int]
    state: Mapped[ScenarioState] = mapped_column(
        worded(ScenarioState, "scenario_state"), default=ScenarioState.WAITING
    )
    parameters: Mapped[Json]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    solved_at: Mapped[datetime | None]
    figures: Mapped[Json | None]
    shortfall: Mapped[Json | None]
    instance: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    """What was solved, in the format of `jiebang assign`, compressed (zlib)."""
    instance_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the canonical JSON, not compressed."""
    result_sha256: Mapped[str | None] = mapped_column(String(64))

    allotment: Mapped[Allotment] = relationship(back_populates="scenarios")

    @property
    def wanted(self) -> Wanted:
        """What was asked for."""
        return Wanted.read(self.parameters)


class ScenarioPair(Base):
    """That an expert reads a bid in a scenario; `why` has the parts of the fit, which is 0 to 1."""

    __tablename__ = "allotment_pairs"

    scenario_id: Mapped[UUID] = mapped_column(
        ForeignKey("allotment_scenarios.id", ondelete="CASCADE"), primary_key=True
    )
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), primary_key=True)
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("reviewers.id"), primary_key=True)
    fit: Mapped[Decimal] = mapped_column(Numeric(7, 6))
    why: Mapped[Json]
    fixed: Mapped[bool] = mapped_column(Boolean, default=False)

    bid: Mapped[Bid] = relationship()
    reviewer: Mapped[Reviewer] = relationship()


class AllotmentOrder(Base):
    """An officer's order on a pair, with its reason; taken back, it stays readable."""

    __tablename__ = "allotment_orders"
    __table_args__ = (
        # A pair is fixed or ruled out, not both.
        Index(
            "uq_allotment_orders_standing",
            "allotment_id",
            "bid_id",
            "reviewer_id",
            unique=True,
            postgresql_where=text("taken_back_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    allotment_id: Mapped[UUID] = mapped_column(ForeignKey("allotments.id"))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"))
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("reviewers.id"))
    kind: Mapped[OrderKind] = mapped_column(worded(OrderKind, "order_kind"))
    reason: Mapped[Prose]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    given_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]

    bid: Mapped[Bid] = relationship()
    reviewer: Mapped[Reviewer] = relationship()
