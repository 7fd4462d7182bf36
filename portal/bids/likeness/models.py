"""Tables: what was read of each opened bid, and the pairs that are alike."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.likeness.material import Part
from portal.bids.likeness.rules import Hint, HintKind, PairState
from portal.bids.likeness.sketch import Hashes
from portal.bids.models import Bid, BidVersion
from portal.challenges.models import Challenge
from portal.core.db import Base, Key, Prose, worded

Rows = list[dict[str, Any]]


class BidText(Base):
    """The text and the fingerprints of an opened bid, so that it is read once only."""

    __tablename__ = "bid_texts"

    version_id: Mapped[UUID] = mapped_column(
        ForeignKey("bid_versions.id", ondelete="CASCADE"), primary_key=True
    )
    method: Mapped[int]
    text: Mapped[Prose]
    parts: Mapped[Rows] = mapped_column(JSONB)
    traces: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    unread: Mapped[list[str]] = mapped_column(JSONB)
    """Names of files that could not be read."""
    sketch: Mapped[bytes] = mapped_column(LargeBinary)
    read_at: Mapped[datetime]

    version: Mapped[BidVersion] = relationship()

    @property
    def hashes(self) -> Hashes:
        """The kept hashes, sorted."""
        return np.frombuffer(self.sketch, "<u8").astype(np.uint64)

    @property
    def named_parts(self) -> tuple[Part, ...]:
        """Which part of the bid stands where."""
        return tuple(Part(row["start"], row["name"], row["page"]) for row in self.parts)


class LikePair(Base):
    """Two bids that are alike, as found for a challenge; `bid` is one of that challenge's own."""

    __tablename__ = "like_pairs"
    __table_args__ = (
        UniqueConstraint("challenge_id", "bid_id", "other_id"),
        CheckConstraint("bid_id <> other_id", name="two_bids"),
        CheckConstraint("score >= 0 AND score <= 1", name="score_is_a_share"),
        # Whoever judges says why.
        CheckConstraint("(state = 'open') = (judged_at IS NULL)", name="judged_with_note"),
        Index("ix_like_pairs_position", "challenge_id", "position"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    position: Mapped[int]
    """Its place in the list, the most alike first."""
    score: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    passages: Mapped[Rows] = mapped_column(JSONB)
    passages_in_all: Mapped[int]
    hints: Mapped[Rows] = mapped_column(JSONB)
    found_at: Mapped[datetime]
    state: Mapped[PairState] = mapped_column(
        worded(PairState, "pair_state"), default=PairState.OPEN
    )
    note: Mapped[Prose] = mapped_column(default="")
    judged_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    judged_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    bid: Mapped[Bid] = relationship(foreign_keys=[bid_id])
    other: Mapped[Bid] = relationship(foreign_keys=[other_id])

    @property
    def shared_hints(self) -> list[Hint]:
        """What both show beside their text."""
        return [Hint(HintKind(row["kind"]), tuple(row["values"])) for row in self.hints]

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"pair:{self.id}"
