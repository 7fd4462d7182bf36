"""Tables of milestones and what proves them."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, Key, Name, Prose, worded
from portal.core.files import StoredFile
from portal.projects.milestones.rules import MilestoneState
from portal.projects.models import Project

if TYPE_CHECKING:
    from portal.projects.funds.models import Tranche


class Milestone(Base):
    """What is shown by a date."""

    __tablename__ = "milestones"
    __table_args__ = (UniqueConstraint("project_id", "position"),)

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    position: Mapped[int]
    month: Mapped[int]
    title: Mapped[Name]
    deliverable: Mapped[Prose]
    due_at: Mapped[datetime]
    state: Mapped[MilestoneState] = mapped_column(
        worded(MilestoneState, "milestone_state"), default=MilestoneState.PLANNED
    )
    report: Mapped[Prose] = mapped_column(default="")
    reported_at: Mapped[datetime | None]
    answer: Mapped[Prose] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship(back_populates="milestones")
    evidence: Mapped[list["MilestoneEvidence"]] = relationship(
        order_by="MilestoneEvidence.position"
    )
    tranches: Mapped[list["Tranche"]] = relationship(back_populates="milestone")


class MilestoneEvidence(Base):
    """A file that shows what a milestone's report says."""

    __tablename__ = "milestone_evidence"

    id: Mapped[Key]
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"), index=True)
    position: Mapped[int]

    file: Mapped[StoredFile] = relationship()
