"""Tables of a project's money by source, and its tranches."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, Key, Yuan, worded
from portal.core.money import FundSource
from portal.projects.funds.rules import TrancheState
from portal.projects.milestones.models import Milestone
from portal.projects.models import Project


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
