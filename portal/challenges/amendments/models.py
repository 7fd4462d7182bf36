"""Tables of amendments and of the versions of a challenge's sheet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.challenges.amendments.rules import AmendmentKind, AmendmentState
from portal.challenges.models import Challenge
from portal.core.db import Base, Json, Key, Prose, worded


class Amendment(Base):
    """A change of a published challenge (更正公告); `sheet` is the whole sheet as it will be.

    Its number, the deadline and what it is are fixed when it comes into force.
    """

    __tablename__ = "amendments"
    __table_args__ = (
        UniqueConstraint("challenge_id", "number"),
        # One in the making at a time: nothing changes beneath it.
        Index(
            "ix_amendments_live",
            "challenge_id",
            unique=True,
            postgresql_where=text("state IN ('draft', 'proposed')"),
        ),
        CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
        CheckConstraint(
            "(state = 'applied') = (number IS NOT NULL AND proposed_by IS NOT NULL AND"
            " approved_by IS NOT NULL AND applied_at IS NOT NULL AND closes_at IS NOT NULL)",
            name="applied_is_whole",
        ),
        CheckConstraint("closes_at >= closed_before", name="never_shortened"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    kind: Mapped[AmendmentKind] = mapped_column(worded(AmendmentKind, "amendment_kind"))
    state: Mapped[AmendmentState] = mapped_column(
        worded(AmendmentState, "amendment_state"), default=AmendmentState.DRAFT
    )
    number: Mapped[int | None]
    reason: Mapped[Prose] = mapped_column(default="")
    remarks: Mapped[Prose] = mapped_column(default="")
    """Why the second officer gave it back."""
    sheet: Mapped[Json]
    revision: Mapped[int] = mapped_column(default=1)
    """Counts the changes, so that nobody overwrites what they have not seen."""
    edited: Mapped[Json] = mapped_column(default=dict)
    """When each section of the sheet was changed last, by whom, in which edition."""
    is_material: Mapped[bool] = mapped_column(Boolean, default=False)
    closed_before: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    drafted_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    drafted_at: Mapped[datetime]
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    applied_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    proposer: Mapped[Person | None] = relationship(foreign_keys=[proposed_by])

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"amendment:{self.id}"


class SheetVersion(Base):
    """A challenge's whole sheet: 0 as it was published, n after amendment n; never changed."""

    __tablename__ = "challenge_versions"
    __table_args__ = (
        UniqueConstraint("challenge_id", "number"),
        CheckConstraint("number >= 0", name="number_from_zero"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    number: Mapped[int]
    sheet: Mapped[Json]
    sheet_sha256: Mapped[str] = mapped_column(String(64))
    kept_at: Mapped[datetime]
