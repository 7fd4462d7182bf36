"""Tables of suspensions, early endings, and what is claimed back."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Base, Key, Prose, Yuan, worded
from portal.core.files import StoredFile
from portal.core.money import FundSource
from portal.projects.endings.rules import Cause, ClaimState, EndingKind
from portal.projects.models import Project


class Suspension(Base):
    """A time in which nothing is done and nothing paid; open until the project goes on."""

    __tablename__ = "suspensions"
    __table_args__ = (
        # A project is suspended once at a time.
        Index(
            "uq_suspensions_open",
            "project_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_suspensions_project_id", "project_id"),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    reason: Mapped[Prose]
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    begun_at: Mapped[datetime]
    answer: Mapped[Prose] = mapped_column(default="")
    """Why it goes on, or how it ended."""
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime | None]


class Ending(Base):
    """The termination (终止), revocation (撤销) or failure of a project, with its settlement in yuan."""

    __tablename__ = "endings"
    __table_args__ = (
        # What was paid is kept or claimed back; nothing else.
        CheckConstraint("kept >= 0 AND kept <= paid", name="kept_within_paid"),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), unique=True)
    kind: Mapped[EndingKind] = mapped_column(worded(EndingKind, "ending_kind"))
    cause: Mapped[Cause] = mapped_column(worded(Cause, "ending_cause"))
    reason: Mapped[Prose]
    charged: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether a record of breach of trust was proposed with it."""
    paid: Mapped[Yuan]
    kept: Mapped[Yuan]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    ended_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[datetime]

    project: Mapped[Project] = relationship()
    person: Mapped[Person] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    claims: Mapped[list["ClawBack"]] = relationship(
        order_by="ClawBack.source", back_populates="ending"
    )

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"ending:{self.id}"


class ClawBack(Base):
    """Public money of one source that is claimed back (追回), with interest, by a day; in yuan."""

    __tablename__ = "claw_backs"
    __table_args__ = (
        UniqueConstraint("ending_id", "source"),
        CheckConstraint("principal >= 0 AND interest >= 0", name="not_negative"),
        CheckConstraint("principal + interest > 0", name="something_is_claimed"),
        # Nothing comes back twice, and a claim is settled to the cent.
        CheckConstraint(
            "received >= 0 AND received <= principal + interest", name="received_within_claim"
        ),
        CheckConstraint(
            "(state = 'settled') = (received = principal + interest)", name="settled_in_full"
        ),
        Index("ix_claw_backs_open", "due_on", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Key]
    ending_id: Mapped[UUID] = mapped_column(ForeignKey("endings.id"))
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "claw_back_source"))
    principal: Mapped[Yuan]
    interest: Mapped[Yuan] = mapped_column(default=Decimal(0))
    due_on: Mapped[date]
    received: Mapped[Yuan] = mapped_column(default=Decimal(0))
    state: Mapped[ClaimState] = mapped_column(
        worded(ClaimState, "claw_back_state"), default=ClaimState.OPEN
    )

    ending: Mapped[Ending] = relationship(back_populates="claims")
    receipts: Mapped[list["MoneyBack"]] = relationship(
        order_by="MoneyBack.received_on, MoneyBack.recorded_at"
    )

    @property
    def total(self) -> Decimal:
        """Principal and interest."""
        return self.principal + self.interest

    @property
    def left(self) -> Decimal:
        """What is still to come."""
        return self.total - self.received

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"claw_back:{self.id}"


class MoneyBack(Base):
    """Money that came back, with its document; never changed and never removed."""

    __tablename__ = "money_back"
    __table_args__ = (
        # A document shows money once.
        UniqueConstraint("claw_back_id", "document"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[Key]
    claw_back_id: Mapped[UUID] = mapped_column(ForeignKey("claw_backs.id"))
    amount: Mapped[Yuan]
    document: Mapped[str] = mapped_column(String(100))
    received_on: Mapped[date]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"), index=True)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime]

    file: Mapped[StoredFile] = relationship()
