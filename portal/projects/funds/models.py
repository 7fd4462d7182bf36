"""Tables of a project's money: sources, tranches, payments, and what the team brings in.

Payments, counter-entries and receipts are only ever added. Triggers of the database (migrations 0050
and 0054) sum them up in `Tranche.paid` and `ProjectFund.paid`, and refuse what would be paid twice,
before its gate, beyond its tranche or its source, or ahead of the team's own money.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Base, Key, Prose, Yuan, worded
from portal.core.files import StoredFile
from portal.core.money import FundSource
from portal.projects.funds.rules import ReceiptState, ReversalState, TrancheState
from portal.projects.milestones.models import Milestone
from portal.projects.models import Project


class ProjectFund(Base):
    """Yuan contracted from one source, and how much of it has been paid or received."""

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
    """Public money from one source, released by a milestone; without one by the contract, or in the
    end by the acceptance."""

    __tablename__ = "tranches"
    __table_args__ = (
        UniqueConstraint("project_id", "position"),
        # Payments refer to all three, so that none can be of another project or source.
        UniqueConstraint("id", "project_id", "source"),
        CheckConstraint("amount > 0", name="amount_positive"),
        # Nothing is paid beyond its tranche, and what is paid in full is so to the cent.
        CheckConstraint("paid >= 0 AND paid <= amount", name="paid_within_amount"),
        CheckConstraint("state <> 'paid' OR paid = amount", name="paid_in_full"),
        CheckConstraint(
            "paid = 0 OR state IN ('due', 'paid', 'blocked', 'cancelled')", name="paid_at_its_gate"
        ),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_its_date"),
        CheckConstraint("NOT at_acceptance OR milestone_id IS NULL", name="one_gate"),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    milestone_id: Mapped[UUID | None] = mapped_column(ForeignKey("milestones.id"), index=True)
    at_acceptance: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    position: Mapped[int]
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "tranche_source"))
    amount: Mapped[Yuan]
    state: Mapped[TrancheState] = mapped_column(
        worded(TrancheState, "tranche_state"), default=TrancheState.PLANNED
    )
    paid: Mapped[Yuan] = mapped_column(default=Decimal(0), server_default="0")
    due_at: Mapped[datetime | None]
    """When its gate opened."""
    reminded_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship(back_populates="tranches")
    milestone: Mapped[Milestone | None] = relationship(back_populates="tranches")
    payments: Mapped[list["Payment"]] = relationship(
        order_by="Payment.paid_on, Payment.recorded_at", back_populates="tranche"
    )

    @property
    def left(self) -> Decimal:
        """What of it is still to be paid, in yuan."""
        return self.amount - self.paid

    @property
    def planned_at(self) -> datetime:
        """When it is planned to fall due."""
        if self.at_acceptance:
            return self.project.ends_at
        return self.milestone.due_at if self.milestone else self.project.started_at

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"tranche:{self.id}"


class Payment(Base):
    """Money that was paid from a tranche, with its voucher; never changed and never removed."""

    __tablename__ = "payments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tranche_id", "project_id", "source"],
            ["tranches.id", "tranches.project_id", "tranches.source"],
            name="fk_payments_tranche",
        ),
        # A voucher pays once from a source; what a counter-entry took back may be entered right.
        Index(
            "uq_payments_voucher",
            "project_id",
            "source",
            "voucher",
            unique=True,
            postgresql_where=text("reversed_at IS NULL"),
        ),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("voucher <> ''", name="has_its_voucher"),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    tranche_id: Mapped[UUID] = mapped_column(index=True)
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "payment_source"))
    amount: Mapped[Yuan]
    voucher: Mapped[str] = mapped_column(String(100))
    paid_on: Mapped[date]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    """The voucher itself; payments from before vouchers were kept have none."""
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    """When a counter-entry took it back; set by the database (migration 0054)."""

    tranche: Mapped[Tranche] = relationship(back_populates="payments", foreign_keys=tranche_id)
    file: Mapped[StoredFile | None] = relationship()
    reversals: Mapped[list["Reversal"]] = relationship(
        order_by="Reversal.proposed_at", back_populates="payment"
    )

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"payment:{self.id}"


class Reversal(Base):
    """The counter-entry that takes a wrong payment back, whole; the right one is entered anew."""

    __tablename__ = "payment_reversals"
    __table_args__ = (
        # A payment is taken back once, and proposed to be so by one at a time.
        Index(
            "uq_payment_reversals_payment",
            "payment_id",
            unique=True,
            postgresql_where=text("state <> 'dropped'"),
        ),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_has_its_date"),
        # Nobody takes money back alone.
        CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by", name="confirmed_by_another"
        ),
    )

    id: Mapped[Key]
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    state: Mapped[ReversalState] = mapped_column(
        worded(ReversalState, "reversal_state"), default=ReversalState.PROPOSED
    )
    reason: Mapped[Prose]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime]
    answer: Mapped[Prose] = mapped_column(default="")
    """Why it was dropped."""
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship(back_populates="reversals")
    proposer: Mapped[Person] = relationship(foreign_keys=[proposed_by])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"reversal:{self.id}"


class Receipt(Base):
    """The team's own money as it came in, with evidence; counts once an officer has confirmed it."""

    __tablename__ = "receipts_of_own_money"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("source IN ('enterprise', 'social')", name="of_own_source"),
        CheckConstraint("(state = 'reported') = (decided_at IS NULL)", name="decided_has_its_date"),
        # Nobody confirms what they brought in themselves.
        CheckConstraint("decided_by <> recorded_by", name="confirmed_by_another"),
        # A document shows money once; what was not confirmed may be shown again.
        Index(
            "uq_receipts_of_own_money_document",
            "project_id",
            "source",
            "document",
            unique=True,
            postgresql_where=text("state <> 'refused'"),
        ),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "receipt_source"))
    amount: Mapped[Yuan]
    document: Mapped[str] = mapped_column(String(100))
    """The number of the bank slip or invoice."""
    received_on: Mapped[date]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    """What shows it; sums from before evidence was asked for have none."""
    state: Mapped[ReceiptState] = mapped_column(
        worded(ReceiptState, "receipt_state"), default=ReceiptState.REPORTED
    )
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime]
    answer: Mapped[Prose] = mapped_column(default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"own_money:{self.id}"
