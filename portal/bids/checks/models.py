"""Tables of the formal check: who is at it, its items, the correction, the reply to a refusal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.bids.checks.rules import Answer, Verdict
from portal.bids.models import Bid
from portal.bids.sections.rules import Section
from portal.core.db import Base, Key, Prose, worded


class FormalCheck(Base):
    """The check of one bid: which officer is at it, and how it was decided last."""

    __tablename__ = "formal_checks"

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), primary_key=True)
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    taken_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[Prose] = mapped_column(default="")

    bid: Mapped[Bid] = relationship(back_populates="check")
    officer: Mapped[Person | None] = relationship(foreign_keys=[officer_id])
    items: Mapped[list["CheckItem"]] = relationship(
        order_by="CheckItem.position", cascade="all, delete-orphan"
    )


class CheckItem(Base):
    """An officer's answer to one item; with the decision also what the portal found, for good."""

    __tablename__ = "check_items"
    __table_args__ = (
        UniqueConstraint("bid_id", "key"),
        CheckConstraint("revision >= 0", name="revision_counts"),
    )

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("formal_checks.bid_id"))
    key: Mapped[str] = mapped_column(String(100))
    position: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[Verdict | None] = mapped_column(worded(Verdict, "check_verdict"))
    remark: Mapped[Prose] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=0)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
    finding: Mapped[Verdict | None] = mapped_column(worded(Verdict, "check_finding"))
    label: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    evidence: Mapped[list[Any]] = mapped_column(JSONB, default=list)

    @property
    def answer(self) -> Answer | None:
        """What the officer said, as the rules know it."""
        return None if self.verdict is None else Answer(self.verdict, self.remark)

    @property
    def answer_counts(self) -> Verdict | None:
        """What counts for the item in the decision."""
        return self.verdict or self.finding


class Correction(Base):
    """The one correction (补正) of a bid: what was asked, until when, and what came of it."""

    __tablename__ = "bid_corrections"
    __table_args__ = (
        CheckConstraint("due_at > asked_at", name="due_after_asking"),
        CheckConstraint("answered_at IS NULL OR lapsed_at IS NULL", name="one_end"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), primary_key=True)
    sections: Mapped[list[str]]
    remark: Mapped[Prose]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("bid_versions.id"))
    answer: Mapped[Prose] = mapped_column(default="")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]

    bid: Mapped[Bid] = relationship(back_populates="correction")

    @property
    def named(self) -> list[Section]:
        """The sections that may be changed."""
        return [Section(value) for value in self.sections]


class Reply(Base):
    """The one reply (复核) to a refusal; somebody else than who refused decides it."""

    __tablename__ = "refusal_replies"
    __table_args__ = (
        # Nobody is the judge of their own refusal.
        CheckConstraint("decided_by <> refused_by", name="another_officer_decides"),
        CheckConstraint("(decided_at IS NULL) = (upheld IS NULL)", name="decided_with_outcome"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), primary_key=True)
    text: Mapped[Prose]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    refused_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    upheld: Mapped[bool | None] = mapped_column(Boolean)
    decision: Mapped[Prose] = mapped_column(default="")

    bid: Mapped[Bid] = relationship(back_populates="reply")


class PaperReading(Base):
    """What was found of a file, by its hash: the same file is the same finding, in whatever bid."""

    __tablename__ = "paper_readings"
    __table_args__ = (CheckConstraint("pages >= 0", name="pages_not_negative"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100), primary_key=True)
    is_intact: Mapped[bool]
    pages: Mapped[int | None]
    """0 for what has none to count, None for what does not open."""
    read_at: Mapped[datetime]
