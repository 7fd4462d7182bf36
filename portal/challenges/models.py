"""Tables of calls and challenges."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation
from portal.challenges.rules import (
    ChallengeState,
    IssuerType,
    Operator,
    Settings,
    Target,
    shown,
)
from portal.clusters.models import Cluster
from portal.core.db import Base, Json, Key, Name, Prose, Quantity, Yuan, worded
from portal.core.money import FundSource


class Call(Base):
    """A list (榜单) published at one time; its settings are the defaults of its challenges."""

    __tablename__ = "calls"

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    issuer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[Name]
    year: Mapped[int]
    settings: Mapped[Json]
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    cluster: Mapped[Cluster] = relationship()
    issuer: Mapped[Organisation] = relationship()


class Challenge(Base):
    """One key technology asked for (榜题)."""

    __tablename__ = "challenges"
    __table_args__ = (
        # What the public sees has its dates and its frozen settings.
        CheckConstraint(
            "state IN ('draft', 'cancelled') OR (published_at IS NOT NULL AND closes_at IS NOT NULL)",
            name="published_has_dates",
        ),
        CheckConstraint("closes_at > published_at", name="closes_after_publishing"),
        Index("ix_challenges_newest", "published_at", "id"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id"), index=True)
    state: Mapped[ChallengeState] = mapped_column(
        worded(ChallengeState, "challenge_state"), default=ChallengeState.DRAFT
    )
    title: Mapped[Name]
    title_en: Mapped[Name] = mapped_column(default="")
    summary: Mapped[Prose]
    summary_en: Mapped[Prose] = mapped_column(default="")
    background: Mapped[Prose]
    content: Mapped[Prose]
    issuer_type: Mapped[IssuerType] = mapped_column(worded(IssuerType, "issuer_type"))
    scenario_site: Mapped[Name]
    scenario_owner: Mapped[Name]
    scenario_use: Mapped[Prose]
    scenario_access: Mapped[Prose] = mapped_column(default="")
    months: Mapped[int]
    settings: Mapped[Json]
    drafted_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    published_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closing_reason: Mapped[Prose] = mapped_column(default="")
    reached: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    """When each state was reached last, as ISO 8601."""

    call: Mapped[Call] = relationship()
    indicators: Mapped[list["Indicator"]] = relationship(
        order_by="Indicator.position", cascade="all, delete-orphan"
    )
    funds: Mapped[list["ChallengeFund"]] = relationship(
        order_by="ChallengeFund.source", cascade="all, delete-orphan"
    )
    criteria: Mapped[list["Criterion"]] = relationship(
        order_by="Criterion.position", cascade="all, delete-orphan"
    )

    @property
    def rules(self) -> Settings:
        """The settings in force for this challenge."""
        return Settings.from_json(self.settings)

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"challenge:{self.id}"


class Indicator(Base):
    """A measurable target (考核指标)."""

    __tablename__ = "indicators"
    __table_args__ = (
        UniqueConstraint("challenge_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint(
            "(operator = 'qualitative') = (value IS NULL)", name="value_unless_qualitative"
        ),
        CheckConstraint(
            "(operator = 'between') = (high IS NOT NULL)", name="high_only_for_a_range"
        ),
        CheckConstraint("high > value", name="range_in_order"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Name]
    operator: Mapped[Operator] = mapped_column(worded(Operator, "operator"))
    value: Mapped[Quantity | None]
    high: Mapped[Quantity | None]
    unit: Mapped[str] = mapped_column(String(40), default="")
    test_method: Mapped[str] = mapped_column(String(400))
    mandatory: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def target(self) -> Target:
        """The target as the rules know it."""
        return Target(self.operator, self.value, self.high)

    @property
    def asked(self) -> str:
        """The target in signs."""
        return shown(self.target, self.unit)


class ChallengeFund(Base):
    """The ceiling that one source gives, or the least that it must bring, in yuan."""

    __tablename__ = "challenge_funds"
    __table_args__ = (
        UniqueConstraint("challenge_id", "source"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "fund_source"))
    amount: Mapped[Yuan]


class Criterion(Base):
    """One line of the rubric; the weights of a challenge sum to 100."""

    __tablename__ = "criteria"
    __table_args__ = (
        UniqueConstraint("challenge_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("weight > 0 AND weight <= 100", name="weight_in_range"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Name]
    guidance: Mapped[Prose] = mapped_column(default="")
    weight: Mapped[int]
