"""Tables of projects, contract indicators, milestones, money and the public registry."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation
from portal.bids.models import Bid, BidVersion
from portal.challenges.models import Challenge
from portal.challenges.rules import Operator, Target, shown
from portal.core.db import Base, Json, Key, Name, Prose, Quantity, Yuan, worded
from portal.core.files import StoredFile
from portal.core.money import FundSource
from portal.projects.rules import MilestoneState, ProjectState, TrancheState


class Project(Base):
    """The awarded work (应用场景项目); all it promises comes from the winning bid version."""

    __tablename__ = "projects"
    __table_args__ = (Index("ix_projects_newest", "started_at", "id"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(48), unique=True)
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"), index=True)
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), unique=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("bid_versions.id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[Name]
    partners: Mapped[list[str]]
    state: Mapped[ProjectState] = mapped_column(
        worded(ProjectState, "project_state"), default=ProjectState.ACTIVE
    )
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
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


class ProjectFund(Base):
    """Yuan contracted from one source, and how much of it has been paid."""

    __tablename__ = "project_funds"
    __table_args__ = (
        UniqueConstraint("project_id", "source"),
        # Nothing is paid beyond its source.
        CheckConstraint("paid >= 0 AND paid <= amount", name="paid_within_amount"),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "project_fund_source"))
    amount: Mapped[Yuan]
    paid: Mapped[Yuan] = mapped_column(default=Decimal(0))

    @property
    def remaining(self) -> Decimal:
        """What is still to come, in yuan."""
        return self.amount - self.paid


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


class Tranche(Base):
    """Public money from one source that a milestone releases; paid once."""

    __tablename__ = "tranches"
    __table_args__ = (
        UniqueConstraint("project_id", "position"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_its_date"),
        CheckConstraint("(state = 'paid') = (voucher <> '')", name="paid_has_its_voucher"),
        # A voucher pays once from a source.
        Index(
            "uq_tranches_voucher",
            "project_id",
            "source",
            "voucher",
            unique=True,
            postgresql_where=text("voucher <> ''"),
        ),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    milestone_id: Mapped[UUID] = mapped_column(ForeignKey("milestones.id"), index=True)
    position: Mapped[int]
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "tranche_source"))
    amount: Mapped[Yuan]
    state: Mapped[TrancheState] = mapped_column(
        worded(TrancheState, "tranche_state"), default=TrancheState.PLANNED
    )
    voucher: Mapped[str] = mapped_column(String(100), default="")
    paid_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    paid_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship(back_populates="tranches")
    milestone: Mapped[Milestone] = relationship(back_populates="tranches")


class RegistryEntry(Base):
    """An accepted project as the public registry keeps it; a snapshot, made by a task."""

    __tablename__ = "registry_entries"

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), unique=True)
    number: Mapped[int] = mapped_column(unique=True)
    snapshot: Mapped[Json]
    entered_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    project: Mapped[Project] = relationship()
