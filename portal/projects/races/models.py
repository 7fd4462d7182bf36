"""Tables of races: gates at which parallel projects are compared, and what became of each lane."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.challenges.models import Challenge
from portal.core.db import Base, Key, Prose, worded
from portal.projects.models import Project
from portal.projects.races.rules import GateState, Outcome


class RaceGate(Base):
    """A date at which the lanes are compared at a milestone, and how many of them may go on."""

    __tablename__ = "race_gates"
    __table_args__ = (
        UniqueConstraint("challenge_id", "milestone"),
        # One gate after the other.
        Index(
            "uq_race_gates_open",
            "challenge_id",
            unique=True,
            postgresql_where=text("state <> 'decided'"),
        ),
        CheckConstraint("survivors > 0", name="somebody_goes_on"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_its_date"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    milestone: Mapped[int]
    """The position of the milestone at which the lanes are compared."""
    due_at: Mapped[datetime]
    survivors: Mapped[int]
    criteria: Mapped[Prose]
    state: Mapped[GateState] = mapped_column(
        worded(GateState, "gate_state"), default=GateState.OPEN
    )
    set_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    decisions: Mapped[list["LaneDecision"]] = relationship(
        order_by="LaneDecision.decided_at, LaneDecision.id", back_populates="gate"
    )

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"race_gate:{self.id}"


class LaneDecision(Base):
    """What was decided of one lane, and why; a lane on hold is decided again."""

    __tablename__ = "lane_decisions"
    __table_args__ = (
        UniqueConstraint("gate_id", "project_id", "decided_at"),
        CheckConstraint("(outcome = 'merge') = (into_id IS NOT NULL)", name="merged_into_one"),
        CheckConstraint("into_id <> project_id", name="not_into_itself"),
    )

    id: Mapped[Key]
    gate_id: Mapped[UUID] = mapped_column(ForeignKey("race_gates.id"))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    outcome: Mapped[Outcome] = mapped_column(worded(Outcome, "lane_outcome"))
    into_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"))
    reason: Mapped[Prose]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime]

    gate: Mapped[RaceGate] = relationship(back_populates="decisions")
    project: Mapped[Project] = relationship(foreign_keys=project_id)
    into: Mapped[Project | None] = relationship(foreign_keys=into_id)
    person: Mapped[Person] = relationship()
