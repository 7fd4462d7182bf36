"""Tables of conflicts, of who worked with whom, of what was declared and what was decided."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.models import Bid
from portal.bids.sections.models import identity as computed
from portal.core.db import Base, Json, Key, Prose, worded
from portal.core.words import Message
from portal.reviews.conflicts.rules import (
    ConflictKind,
    ConflictSource,
    CoworkingSource,
    in_words,
)
from portal.reviews.pool.models import Reviewer


class Conflict(Base):
    """Why an expert must not see a bid, or (without one) any bid of the challenge.

    `about_id` tells apart what is found of the same kind: an organisation, a bid, a cooperation. A
    trigger of the database lets nobody take a seat or get a sheet across a conflict that stands.
    """

    __tablename__ = "conflicts"
    __table_args__ = (
        # What stands, stands once.
        Index(
            "uq_conflicts_standing",
            "challenge_id",
            "reviewer_id",
            "bid_id",
            "kind",
            "about_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[Key] = mapped_column(server_default=text("gen_random_uuid()"))
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("reviewers.id"), index=True)
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    bid_id: Mapped[UUID | None] = mapped_column(ForeignKey("bids.id"))
    kind: Mapped[ConflictKind] = mapped_column(worded(ConflictKind, "conflict_kind"))
    source: Mapped[ConflictSource] = mapped_column(worded(ConflictSource, "conflict_source"))
    about_id: Mapped[UUID | None]
    evidence: Mapped[Json]
    since: Mapped[datetime]
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    lifted_at: Mapped[datetime | None]

    reviewer: Mapped[Reviewer] = relationship()
    bid: Mapped[Bid | None] = relationship()

    @property
    def words(self) -> Message:
        """The reason and the evidence as one sentence."""
        return in_words(self.kind, self.evidence)

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"conflict:{self.id}"


class Coworking(Base):
    """That an expert worked with somebody: `context` says where and on what, with its evidence."""

    __tablename__ = "coworkings"
    __table_args__ = (CheckConstraint("until IS NULL OR until >= since", name="in_order"),)

    id: Mapped[Key]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("reviewers.id"), index=True)
    name: Mapped[Prose]
    organisation: Mapped[Prose]
    identity: Mapped[Prose] = mapped_column(computed(), index=True)
    context: Mapped[Prose]
    since: Mapped[date]
    until: Mapped[date | None]
    evidence: Mapped[Prose] = mapped_column(default="")
    source: Mapped[CoworkingSource] = mapped_column(worded(CoworkingSource, "coworking_source"))
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime]

    reviewer: Mapped[Reviewer] = relationship()

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"coworking:{self.id}"


class AvoidDecision(Base):
    """What an officer decided on a team's wish that an expert keeps away; it is final."""

    __tablename__ = "avoid_decisions"
    __table_args__ = (UniqueConstraint("bid_id", "identity"),)

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"))
    identity: Mapped[Prose]
    granted: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[Prose]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime]


class Declaration(Base):
    """What a reviewer said about one bid before reading it: a tie, or (None) that there is none."""

    __tablename__ = "declarations"
    __table_args__ = (UniqueConstraint("seat_id", "bid_id"),)

    id: Mapped[Key]
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seats.id"))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    tie: Mapped[ConflictKind | None] = mapped_column(worded(ConflictKind, "declared_tie"))
    words: Mapped[Prose] = mapped_column(default="")
    made_at: Mapped[datetime]


class NamedTie(Base):
    """A tie that an expert named in a blind round, not knowing whether a team is meant."""

    __tablename__ = "named_ties"

    id: Mapped[Key]
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seats.id"), index=True)
    kind: Mapped[ConflictKind] = mapped_column(worded(ConflictKind, "named_tie"))
    organisation: Mapped[Prose]
    name: Mapped[Prose]
    words: Mapped[Prose]
    made_at: Mapped[datetime]
