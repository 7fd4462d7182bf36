"""Tables of acceptance: the lead's request, its documents and money, and what the experts say."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, Json, Key, Name, Prose, Quantity, Yuan, worded
from portal.core.files import StoredFile
from portal.core.money import FundSource
from portal.projects.acceptance.rules import (
    AcceptanceState,
    Conclusion,
    Line,
    PaperKind,
    Standing,
    Verdict,
    standing,
)
from portal.projects.models import ContractIndicator, Project
from portal.reviews.pool.models import Reviewer


class Acceptance(Base):
    """One examination of a project; a second one follows at most once."""

    __tablename__ = "acceptances"
    __table_args__ = (
        UniqueConstraint("project_id", "attempt"),
        # Two examinations at most, and only the first may ask for improvement.
        CheckConstraint("attempt IN (1, 2)", name="twice_at_most"),
        CheckConstraint("state <> 'rework' OR attempt = 1", name="improved_once"),
        CheckConstraint("state <> 'rework' OR again_by IS NOT NULL", name="rework_has_its_date"),
        CheckConstraint(
            "(state IN ('passed', 'rework', 'failed')) = (concluded_at IS NOT NULL)",
            name="concluded_has_its_date",
        ),
        CheckConstraint(
            "(state = 'passed') = (fingerprint IS NOT NULL)", name="certified_if_passed"
        ),
        # One of them is open at a time.
        Index(
            "uq_acceptances_open",
            "project_id",
            unique=True,
            postgresql_where=text("state IN ('requested', 'returned', 'examined')"),
        ),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    attempt: Mapped[int]
    state: Mapped[AcceptanceState] = mapped_column(
        worded(AcceptanceState, "acceptance_state"), default=AcceptanceState.REQUESTED
    )
    summary: Mapped[Prose]
    tester: Mapped[Name]
    requested_at: Mapped[datetime]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    missing: Mapped[Prose] = mapped_column(default="")
    """What the officer missed when it was returned last."""
    examined_at: Mapped[datetime | None]
    joint: Mapped[Conclusion | None] = mapped_column(worded(Conclusion, "joint_conclusion"))
    joint_words: Mapped[Prose] = mapped_column(default="")
    joint_at: Mapped[datetime | None]
    conclusion: Mapped[Prose] = mapped_column(default="")
    consequences: Mapped[Prose] = mapped_column(default="")
    """What follows when it failed, or what has to be improved."""
    again_by: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    concluded_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    certificate: Mapped[Json | None]
    """What the certificate tells, frozen."""
    fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)

    project: Mapped[Project] = relationship(back_populates="acceptances")
    claims: Mapped[list["Claim"]] = relationship(
        order_by="Claim.position", cascade="all, delete-orphan"
    )
    papers: Mapped[list["AcceptancePaper"]] = relationship(
        order_by="AcceptancePaper.kind", cascade="all, delete-orphan"
    )
    lines: Mapped[list["StatementLine"]] = relationship(
        order_by="StatementLine.source", cascade="all, delete-orphan"
    )
    experts: Mapped[list["AcceptanceExpert"]] = relationship(
        order_by="AcceptanceExpert.position", back_populates="acceptance"
    )

    @property
    def sitting(self) -> list["AcceptanceExpert"]:
        """The experts who did not step back."""
        return [one for one in self.experts if one.left_at is None]

    @property
    def standing(self) -> Standing:
        """What it waits for."""
        given = [one.given_at is not None for one in self.sitting]
        return standing(self.state, given, self.joint is not None)

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"acceptance:{self.id}"


class Claim(Base):
    """What the lead says of one indicator."""

    __tablename__ = "acceptance_claims"
    __table_args__ = (UniqueConstraint("acceptance_id", "indicator_id"),)

    id: Mapped[Key]
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptances.id"))
    indicator_id: Mapped[UUID] = mapped_column(ForeignKey("contract_indicators.id"))
    position: Mapped[int]
    value: Mapped[Quantity | None]
    verdict: Mapped[Verdict] = mapped_column(worded(Verdict, "claim_verdict"))
    words: Mapped[Prose] = mapped_column(default="")

    indicator: Mapped[ContractIndicator] = relationship()


class AcceptancePaper(Base):
    """A document of an acceptance."""

    __tablename__ = "acceptance_papers"
    __table_args__ = (UniqueConstraint("acceptance_id", "kind"),)

    id: Mapped[Key]
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptances.id"))
    kind: Mapped[PaperKind] = mapped_column(worded(PaperKind, "paper_kind"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"), index=True)

    file: Mapped[StoredFile] = relationship()


class StatementLine(Base):
    """The money of one source as the lead accounts for it, in yuan."""

    __tablename__ = "statement_lines"
    __table_args__ = (
        UniqueConstraint("acceptance_id", "source"),
        # Nothing is spent beyond what was received.
        CheckConstraint("spent >= 0 AND spent <= received", name="spent_within_received"),
        CheckConstraint("(voucher <> '') = (returned_at IS NOT NULL)", name="returned_by_voucher"),
    )

    id: Mapped[Key]
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptances.id"))
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "statement_source"))
    planned: Mapped[Yuan]
    received: Mapped[Yuan]
    spent: Mapped[Yuan]
    voucher: Mapped[str] = mapped_column(String(100), default="")
    returned_at: Mapped[datetime | None]

    @property
    def told(self) -> Line:
        """The line as rules see it."""
        return Line(self.source, self.planned, self.received, self.spent)

    @property
    def left(self) -> Decimal:
        """What was received and not spent."""
        return self.told.left

    @property
    def goes_back(self) -> Decimal:
        """What of it is the state's."""
        return self.told.goes_back


class AcceptanceExpert(Base):
    """An expert of the pool who examines a project, and what they think."""

    __tablename__ = "acceptance_experts"
    __table_args__ = (
        UniqueConstraint("acceptance_id", "reviewer_id"),
        CheckConstraint("(opinion IS NULL) = (given_at IS NULL)", name="opinion_has_its_date"),
        CheckConstraint("left_at IS NULL OR opinion IS NULL", name="no_opinion_of_who_left"),
        # One chair of those who sit.
        Index(
            "uq_acceptance_experts_chair",
            "acceptance_id",
            unique=True,
            postgresql_where=text("is_chair AND left_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptances.id"))
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("reviewers.id"), index=True)
    position: Mapped[int]
    is_chair: Mapped[bool] = mapped_column(Boolean, default=False)
    named_at: Mapped[datetime]
    opinion: Mapped[Conclusion | None] = mapped_column(worded(Conclusion, "expert_conclusion"))
    words: Mapped[Prose] = mapped_column(default="")
    given_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]

    acceptance: Mapped[Acceptance] = relationship(back_populates="experts")
    reviewer: Mapped[Reviewer] = relationship()
