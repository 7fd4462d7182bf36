"""The tables of the pool."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.core.db import Base, Key, Name, Prose, worded
from portal.reviews.pool.rules import LOAD, PoolState, Stratum


class Reviewer(Base):
    """An expert in the pool (专家库); `disciplines` are codes of GB/T 13745, of either level."""

    __tablename__ = "reviewers"
    __table_args__ = (
        Index("ix_reviewers_entered", "entered_at", "id"),
        Index("ix_reviewers_disciplines", "disciplines", postgresql_using="gin"),
        CheckConstraint("max_load BETWEEN 1 AND 60", name="max_load_in_range"),
        # Two people stand behind everybody who can be drawn.
        CheckConstraint("approved_by <> proposed_by", name="approved_by_another"),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    stratum: Mapped[Stratum] = mapped_column(worded(Stratum, "stratum"))
    title: Mapped[str] = mapped_column(String(100), default="")
    disciplines: Mapped[list[str]]
    keywords: Mapped[list[str]] = mapped_column(default=list)
    about: Mapped[Prose] = mapped_column(default="")
    max_load: Mapped[int] = mapped_column(default=LOAD)
    """How many bids they review at the same time, at most."""
    state: Mapped[PoolState] = mapped_column(
        worded(PoolState, "pool_state"), default=PoolState.PROPOSED
    )
    reason: Mapped[Prose] = mapped_column(default="")
    """Why the entry rests or was removed."""
    entered_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None]
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    """The file that proposed them, so that its experts can be approved together."""

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    organisation: Mapped[Organisation] = relationship()
    employments: Mapped[list["Employment"]] = relationship(
        order_by="Employment.since.desc()", cascade="all, delete-orphan"
    )
    absences: Mapped[list["Absence"]] = relationship(
        order_by="Absence.since", cascade="all, delete-orphan"
    )

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"reviewer:{self.id}"


class Employment(Base):
    """Where an expert works besides, or worked; `until` is None as long as they do.

    An employer that is not registered has a name only, by which conflicts are looked for.
    """

    __tablename__ = "employments"
    __table_args__ = (
        CheckConstraint("until >= since", name="in_order"),
        Index(
            "ix_employments_unlinked",
            "organisation_name",
            postgresql_where=text("organisation_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    reviewer_id: Mapped[UUID] = mapped_column(
        ForeignKey("reviewers.id", ondelete="CASCADE"), index=True
    )
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    organisation_name: Mapped[Name]
    position: Mapped[str] = mapped_column(String(100), default="")
    since: Mapped[date]
    until: Mapped[date | None]


class Absence(Base):
    """Days on which an expert is asked nothing new, the first and the last included."""

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("until >= since", name="in_order"),)

    id: Mapped[Key]
    reviewer_id: Mapped[UUID] = mapped_column(
        ForeignKey("reviewers.id", ondelete="CASCADE"), index=True
    )
    since: Mapped[date]
    until: Mapped[date]
