"""Tables of projects and their contract indicators."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation
from portal.bids.models import Bid, BidVersion
from portal.challenges.models import Challenge
from portal.challenges.rules import Operator, Target, shown
from portal.core.db import Base, Key, Name, Prose, Quantity, worded
from portal.core.files import StoredFile
from portal.projects.acceptance.rules import Verdict
from portal.projects.rules import ProjectState

if TYPE_CHECKING:
    from portal.projects.acceptance.models import Acceptance
    from portal.projects.applications.models import Application
    from portal.projects.endings.models import Ending
    from portal.projects.followups.models import FollowUp
    from portal.projects.funds.models import ProjectFund, Tranche
    from portal.projects.milestones.models import Milestone


class Project(Base):
    """The awarded work (应用场景项目); all it promises comes from the winning bid version."""

    __tablename__ = "projects"
    __table_args__ = (
        Index("ix_projects_newest", "started_at", "id"),
        CheckConstraint("public_ahead BETWEEN 0 AND 100", name="public_ahead_in_percent"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(48), unique=True)
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"), index=True)
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), unique=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("bid_versions.id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[Name]
    partners: Mapped[list[str]]
    state: Mapped[ProjectState] = mapped_column(
        worded(ProjectState, "project_state"), default=ProjectState.SIGNING
    )
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    public_ahead: Mapped[int] = mapped_column(default=100, server_default="100")
    """Percent of the public money that may be paid before the team's own comes; 100: no such rule."""
    accepted_at: Mapped[datetime | None]
    effect: Mapped[Prose] = mapped_column(default="")
    conclusion: Mapped[Prose] = mapped_column(default="")

    challenge: Mapped[Challenge] = relationship()
    bid: Mapped[Bid] = relationship()
    version: Mapped[BidVersion] = relationship()
    lead: Mapped[Organisation] = relationship()
    indicators: Mapped[list["ContractIndicator"]] = relationship(
        order_by="ContractIndicator.position"
    )
    milestones: Mapped[list["Milestone"]] = relationship(
        order_by="Milestone.position", back_populates="project"
    )
    tranches: Mapped[list["Tranche"]] = relationship(
        order_by="Tranche.position", back_populates="project"
    )
    funds: Mapped[list["ProjectFund"]] = relationship(order_by="ProjectFund.source")
    acceptances: Mapped[list["Acceptance"]] = relationship(
        order_by="Acceptance.attempt", back_populates="project"
    )
    application: Mapped["Application | None"] = relationship(back_populates="project")
    follow_ups: Mapped[list["FollowUp"]] = relationship(
        order_by="FollowUp.year", back_populates="project"
    )
    ending: Mapped["Ending | None"] = relationship(viewonly=True)

    @property
    def acceptance(self) -> "Acceptance | None":
        """The last examination, if it came to one."""
        return self.acceptances[-1] if self.acceptances else None

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"project:{self.id}"


class ContractIndicator(Base):
    """An indicator as contracted: asked, promised, and in the end measured."""

    __tablename__ = "contract_indicators"
    __table_args__ = (UniqueConstraint("project_id", "position"),)

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    indicator_id: Mapped[UUID] = mapped_column(ForeignKey("indicators.id"))
    position: Mapped[int]
    name: Mapped[Name]
    operator: Mapped[Operator] = mapped_column(worded(Operator, "contract_operator"))
    asked_value: Mapped[Quantity | None]
    asked_high: Mapped[Quantity | None]
    promised_value: Mapped[Quantity | None]
    promised_how: Mapped[Prose] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(String(40), default="")
    test_method: Mapped[str] = mapped_column(String(400))
    mandatory: Mapped[bool] = mapped_column(Boolean)
    measured_value: Mapped[Quantity | None]
    measured_how: Mapped[Prose] = mapped_column(default="")
    met: Mapped[bool | None] = mapped_column(Boolean)
    verdict: Mapped[Verdict | None] = mapped_column(worded(Verdict, "indicator_verdict"))
    """Finer than `met`: what was asked may be reached without the promise beyond it."""
    tester: Mapped[Name] = mapped_column(default="")
    tested_on: Mapped[date | None]
    measured_at: Mapped[datetime | None]
    measured_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)

    evidence: Mapped[StoredFile | None] = relationship()

    @property
    def asked(self) -> Target:
        """What the challenge asked."""
        return Target(self.operator, self.asked_value, self.asked_high)

    @property
    def promised(self) -> Target:
        """What the contract binds to: the promise."""
        return self.asked.promised(self.promised_value)

    @property
    def asked_words(self) -> str:
        """What was asked, in signs."""
        return shown(self.asked, self.unit)

    @property
    def promised_words(self) -> str:
        """What was promised, in signs."""
        return shown(self.promised, self.unit)
