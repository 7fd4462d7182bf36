"""Tables of the yearly reports after acceptance."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, Key, Prose, Yuan
from portal.projects.followups.rules import Figures
from portal.projects.models import Project


class FollowUp(Base):
    """A year after acceptance of which the lead reports."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        UniqueConstraint("project_id", "year"),
        CheckConstraint("year BETWEEN 1 AND 3", name="three_years"),
        # Beat and the desk look only at what is still to be reported.
        Index("ix_follow_ups_open", "due_at", postgresql_where=text("reported_at IS NULL")),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    year: Mapped[int]
    due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship(back_populates="follow_ups")
    reports: Mapped[list["FollowUpReport"]] = relationship(
        order_by="FollowUpReport.number", back_populates="follow_up"
    )

    @property
    def report(self) -> "FollowUpReport | None":
        """The report that counts: the last one."""
        return self.reports[-1] if self.reports else None

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"follow_up:{self.id}"


class FollowUpReport(Base):
    """What a lead reports of one year; a correction is the next one, with its reason."""

    __tablename__ = "follow_up_reports"
    __table_args__ = (
        UniqueConstraint("follow_up_id", "number"),
        CheckConstraint("number = 1 OR reason <> ''", name="corrected_with_a_reason"),
        CheckConstraint(
            "revenue >= 0 AND investment >= 0 AND patents >= 0 AND jobs >= 0 AND sites >= 0",
            name="never_negative",
        ),
    )

    id: Mapped[Key]
    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("follow_ups.id"))
    number: Mapped[int]
    revenue: Mapped[Yuan]
    investment: Mapped[Yuan]
    patents: Mapped[int]
    jobs: Mapped[int]
    sites: Mapped[int]
    words: Mapped[Prose] = mapped_column(default="")
    reason: Mapped[Prose] = mapped_column(default="")
    reported_at: Mapped[datetime]
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))

    follow_up: Mapped[FollowUp] = relationship(back_populates="reports")

    @property
    def figures(self) -> Figures:
        """What it says in figures."""
        return Figures(self.revenue, self.investment, self.patents, self.jobs, self.sites)
