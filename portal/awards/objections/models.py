"""Tables of objections and of what proves them."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.awards.objections.rules import Effect, ObjectionState
from portal.bids.models import Bid
from portal.core.db import Base, Key, Prose, worded
from portal.core.files import StoredFile

if TYPE_CHECKING:
    from portal.awards.models import Notice


class Objection(Base):
    """A complaint on a notice; the award waits for its answer.

    A trigger of the database refuses an examiner who decided or who checked a bid, and a new
    objection once the award stands.
    """

    __tablename__ = "objections"
    __table_args__ = (
        # A form sent twice is one objection; the next may come when this one is answered.
        Index(
            "uq_objections_open",
            "notice_id",
            "raised_by",
            unique=True,
            postgresql_where=text("state IN ('received', 'examining')"),
        ),
        CheckConstraint("(state = 'refused') = (refusal <> '')", name="refused_with_reason"),
        CheckConstraint(
            "state NOT IN ('examining', 'upheld', 'dismissed')"
            " OR (examiner_id IS NOT NULL AND due_at IS NOT NULL)",
            name="examined_by_somebody_until",
        ),
        # Nobody is the judge of their own cause.
        CheckConstraint("examiner_id <> raised_by", name="another_examines"),
        CheckConstraint("answered_by = examiner_id", name="the_examiner_answers"),
        CheckConstraint(
            "(state IN ('upheld', 'dismissed')) = (answered_at IS NOT NULL)",
            name="answered_has_date",
        ),
        CheckConstraint("(state = 'upheld') = (effect IS NOT NULL)", name="upheld_has_effect"),
        CheckConstraint(
            "effect NOT IN ('recheck', 'replace') OR bid_id IS NOT NULL", name="effect_on_a_bid"
        ),
    )

    id: Mapped[Key]
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    raised_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    raised_at: Mapped[datetime]
    text: Mapped[Prose]
    nonce: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    """Goes into the fingerprint in the log, so that nobody guesses the name from it."""
    state: Mapped[ObjectionState] = mapped_column(
        worded(ObjectionState, "objection_state"), default=ObjectionState.RECEIVED
    )
    looked_at_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    looked_at_at: Mapped[datetime | None]
    refusal: Mapped[Prose] = mapped_column(default="")
    examiner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    due_at: Mapped[datetime | None]
    effect: Mapped[Effect | None] = mapped_column(worded(Effect, "objection_effect"))
    bid_id: Mapped[UUID | None] = mapped_column(ForeignKey("bids.id"))
    answer: Mapped[Prose] = mapped_column(default="")
    summary: Mapped[Prose] = mapped_column(default="")
    """What everybody reads of it, written by the examiner without the objector's name."""
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]

    notice: Mapped["Notice"] = relationship(back_populates="objections")
    objector: Mapped[Person] = relationship(foreign_keys=[raised_by])
    examiner: Mapped[Person | None] = relationship(foreign_keys=[examiner_id])
    bid: Mapped[Bid | None] = relationship()
    evidence: Mapped[list["ObjectionEvidence"]] = relationship(
        order_by="ObjectionEvidence.position"
    )

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"objection:{self.id}"


class ObjectionEvidence(Base):
    """A file that shows what an objection says."""

    __tablename__ = "objection_evidence"
    __table_args__ = (UniqueConstraint("objection_id", "position"),)

    id: Mapped[Key]
    objection_id: Mapped[UUID] = mapped_column(ForeignKey("objections.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"), index=True)
    position: Mapped[int]

    objection: Mapped[Objection] = relationship(back_populates="evidence")
    file: Mapped[StoredFile] = relationship()
