"""Tables of milestones: what proves them, who looked at them, and what was said of them."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Base, Json, Key, Name, Prose, Quantity, worded
from portal.core.files import StoredFile
from portal.projects.milestones.rules import MilestoneState, OpinionState, ReminderKind, Verdict
from portal.projects.models import ContractIndicator, Project
from portal.reviews.pool.models import Reviewer

if TYPE_CHECKING:
    from portal.projects.funds.models import Tranche


class Milestone(Base):
    """What is shown by a date; `shows` has the ids of the challenge's indicators it is about."""

    __tablename__ = "milestones"
    __table_args__ = (
        UniqueConstraint("project_id", "position"),
        # Work is put right by a date, and that date says that it was asked for once.
        CheckConstraint(
            "state <> 'rework' OR rework_until IS NOT NULL", name="rework_has_its_date"
        ),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    position: Mapped[int]
    month: Mapped[int]
    title: Mapped[Name]
    deliverable: Mapped[Prose]
    shows: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    due_at: Mapped[datetime]
    state: Mapped[MilestoneState] = mapped_column(
        worded(MilestoneState, "milestone_state"), default=MilestoneState.PLANNED
    )
    draft: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    """What the lead has typed of a report that is not handed in."""
    draft_revision: Mapped[int] = mapped_column(default=0, server_default="0")
    draft_at: Mapped[datetime | None]
    report: Mapped[Prose] = mapped_column(default="")
    reported_at: Mapped[datetime | None]
    rework_until: Mapped[datetime | None]
    answer: Mapped[Prose] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship(back_populates="milestones")
    evidence: Mapped[list["MilestoneEvidence"]] = relationship(
        order_by="MilestoneEvidence.position"
    )
    values: Mapped[list["MilestoneValue"]] = relationship()
    visits: Mapped[list["SiteVisit"]] = relationship(
        order_by="SiteVisit.visited_on, SiteVisit.recorded_at"
    )
    opinions: Mapped[list["MilestoneOpinion"]] = relationship(
        order_by="MilestoneOpinion.asked_at", back_populates="milestone"
    )
    reminders: Mapped[list["MilestoneReminder"]] = relationship()
    tranches: Mapped[list["Tranche"]] = relationship(back_populates="milestone")

    @property
    def wanted_by(self) -> datetime:
        """When it has to be reported: what was agreed, or the date for putting it right."""
        return self.rework_until or self.due_at

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"milestone:{self.id}"


class MilestoneEvidence(Base):
    """A file that shows what a milestone's report says."""

    __tablename__ = "milestone_evidence"

    id: Mapped[Key]
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"), index=True)
    position: Mapped[int]

    file: Mapped[StoredFile] = relationship()


class MilestoneValue(Base):
    """What the lead says an indicator has reached at a milestone, and the file that shows it."""

    __tablename__ = "milestone_values"
    __table_args__ = (UniqueConstraint("milestone_id", "indicator_id"),)

    id: Mapped[Key]
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"))
    indicator_id: Mapped[UUID] = mapped_column(ForeignKey("contract_indicators.id"), index=True)
    value: Mapped[Quantity | None]
    how: Mapped[Prose] = mapped_column(default="")
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)

    indicator: Mapped[ContractIndicator] = relationship()
    file: Mapped[StoredFile | None] = relationship()


class SiteVisit(Base):
    """Somebody went and looked (现场检查): when, who, and what they found."""

    __tablename__ = "site_visits"

    id: Mapped[Key]
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"), index=True)
    visited_on: Mapped[date]
    people: Mapped[Prose]
    findings: Mapped[Prose]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime]

    photographs: Mapped[list["VisitPhotograph"]] = relationship(order_by="VisitPhotograph.position")


class VisitPhotograph(Base):
    """A photograph taken at a site visit."""

    __tablename__ = "visit_photographs"

    id: Mapped[Key]
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("site_visits.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"), index=True)
    position: Mapped[int]

    file: Mapped[StoredFile] = relationship()


class MilestoneOpinion(Base):
    """What an expert of the pool was asked about a reported milestone, and said."""

    __tablename__ = "milestone_opinions"
    __table_args__ = (
        UniqueConstraint("milestone_id", "reviewer_id"),
        # A verdict has its reasons and its time.
        CheckConstraint("(state = 'given') = (verdict IS NOT NULL)", name="given_has_its_verdict"),
    )

    id: Mapped[Key]
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"))
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("reviewers.id"), index=True)
    state: Mapped[OpinionState] = mapped_column(
        worded(OpinionState, "milestone_opinion_state"), default=OpinionState.ASKED
    )
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(worded(Verdict, "milestone_verdict"))
    words: Mapped[Prose] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    milestone: Mapped[Milestone] = relationship(back_populates="opinions")
    reviewer: Mapped[Reviewer] = relationship()
    asker: Mapped[Person] = relationship(foreign_keys=asked_by)

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"milestone_opinion:{self.id}"


class MilestoneReminder(Base):
    """That somebody was reminded of a milestone by the clock: once for each date and each cause."""

    __tablename__ = "milestone_reminders"
    __table_args__ = (UniqueConstraint("milestone_id", "kind", "due_at"),)

    id: Mapped[Key]
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"))
    kind: Mapped[ReminderKind] = mapped_column(worded(ReminderKind, "milestone_reminder_kind"))
    due_at: Mapped[datetime]
    at: Mapped[datetime]
