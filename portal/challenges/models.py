"""Tables of calls and challenges."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation
from portal.challenges.completeness import questions_until
from portal.challenges.rules import (
    ChallengeState,
    IssuerType,
    Operator,
    Outcome,
    Target,
    shown,
)
from portal.challenges.settings import Settings
from portal.clusters.models import Cluster
from portal.core.db import Base, Json, Key, Name, Prose, Quantity, Yuan, worded
from portal.core.files import StoredFile
from portal.core.money import FundSource


class Call(Base):
    """A list (榜单) published at one time; its settings are the defaults of its challenges."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_newest", "published_at", "id"),)

    id: Mapped[Key]
    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id"), index=True)
    issuer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[Name]
    year: Mapped[int]
    settings: Mapped[Json]
    introduction: Mapped[Prose] = mapped_column(default="")
    common_rules: Mapped[Prose] = mapped_column(default="")
    closes_at: Mapped[datetime | None]
    """The deadline that a new challenge begins with."""
    revision: Mapped[int] = mapped_column(default=1)
    published_at: Mapped[datetime | None]
    """When its first challenge was published; from then on the public sees it."""
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    cluster: Mapped[Cluster] = relationship()
    issuer: Mapped[Organisation] = relationship()

    @property
    def usual(self) -> Settings:
        """The settings that its challenges begin with."""
        return Settings.from_json(self.settings)

    @property
    def public_since(self) -> datetime:
        """When the public saw it first; of one that nobody sees yet, when it was prepared."""
        return self.published_at or self.created_at

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"call:{self.id}"


class Challenge(Base):
    """One key technology asked for (榜题)."""

    __tablename__ = "challenges"
    __table_args__ = (
        # What the public sees has its dates and its frozen settings.
        CheckConstraint(
            "state IN ('draft', 'proposed', 'cancelled')"
            " OR (published_at IS NOT NULL AND closes_at IS NOT NULL)",
            name="published_has_dates",
        ),
        CheckConstraint("trl_from BETWEEN 1 AND 9", name="trl_from_in_range"),
        CheckConstraint("trl_to BETWEEN 1 AND 9", name="trl_to_in_range"),
        # Lineage leads back: a challenge does not follow itself.
        CheckConstraint("follows_id <> id", name="follows_another"),
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
    field: Mapped[Name] = mapped_column(default="")
    chain_stage: Mapped[Name] = mapped_column(default="")
    deliverables: Mapped[Prose] = mapped_column(default="")
    ip_terms: Mapped[Prose] = mapped_column(default="")
    confidentiality: Mapped[Prose] = mapped_column(default="")
    trl_from: Mapped[int | None]
    trl_to: Mapped[int | None]
    contact_name: Mapped[Name] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    budget_total: Mapped[Decimal] = mapped_column(Numeric(18, 2), server_default=text("0"))
    """The sum of its funds, kept by a trigger of the database; wider than any one of them."""
    settings: Mapped[Json]
    """What differs from the call's settings in a draft; from publishing on all of them, frozen."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counts the changes, so that nobody overwrites what they have not seen."""
    edited: Mapped[Json] = mapped_column(default=dict)
    """When each section of the sheet was changed last, by whom, in which edition."""
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("challenges.id"), index=True)
    """The challenge that this one publishes anew."""
    drafted_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    published_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closing_reason: Mapped[Prose] = mapped_column(default="")
    reached: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    """When each state was reached last, as ISO 8601."""

    amended: Mapped[int] = mapped_column(default=0, server_default="0")
    """The number of the last amendment in force; 0 as published."""

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
    attachments: Mapped[list["Attachment"]] = relationship(
        primaryjoin="and_(Challenge.id == Attachment.challenge_id, Attachment.is_live)",
        order_by="Attachment.position",
        cascade="all, delete-orphan",
    )
    """The papers that belong to it now; what amendments took off stays beside them."""
    proposals: Mapped[list["Proposal"]] = relationship(
        order_by="Proposal.number", back_populates="challenge"
    )
    follows: Mapped["Challenge | None"] = relationship(remote_side="Challenge.id")

    @property
    def rules(self) -> Settings:
        """The settings in force for this challenge: the call's with its own, until frozen."""
        usual = {} if self.published_at else self.call.settings
        return Settings.from_json({**usual, **self.settings})

    @property
    def proposal(self) -> "Proposal | None":
        """What waits for a second officer, if anything does."""
        last = self.proposals[-1] if self.proposals else None
        return last if last and last.outcome is None else None

    @property
    def questions_until(self) -> datetime | None:
        """Until when questions are taken."""
        return questions_until(self.closes_at, self.rules)

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
    baseline: Mapped[Name] = mapped_column(default="")

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


class Attachment(Base):
    """A paper that belongs to the challenge and is public with it.

    What an amendment brings is not live until it is in force; what one took off stays, no longer
    live, so that its notice can still show it.
    """

    __tablename__ = "challenge_attachments"
    __table_args__ = (
        CheckConstraint("NOT (is_live AND removed_by IS NOT NULL)", name="live_until_removed"),
        CheckConstraint(
            "is_live OR added_by IS NOT NULL OR removed_by IS NOT NULL",
            name="live_unless_amended",
        ),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(
        ForeignKey("challenges.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    title: Mapped[Name]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"))
    is_live: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("amendments.id"), index=True)
    """The amendment that brought it; none when it was published with the challenge."""
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("amendments.id"), index=True)

    file: Mapped[StoredFile] = relationship(lazy="joined")


class Proposal(Base):
    """A draft as it was put before a second officer, and what came of it."""

    __tablename__ = "challenge_proposals"
    __table_args__ = (
        UniqueConstraint("challenge_id", "number"),
        # Four eyes: nobody approves or returns what they have proposed themselves.
        CheckConstraint(
            "(outcome = 'taken_back') = (decided_by = proposed_by)", name="decided_by_another"
        ),
        CheckConstraint(
            "(outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (decided_at IS NULL)",
            name="decided_whole",
        ),
        # At most one waits, and at most one was approved: publishing happens once.
        Index(
            "uq_challenge_proposals_open",
            "challenge_id",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
        Index(
            "uq_challenge_proposals_approved",
            "challenge_id",
            unique=True,
            postgresql_where=text("outcome = 'approved'"),
        ),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    number: Mapped[int]
    sheet: Mapped[Json]
    """The whole sheet as proposed, so that the next proposal can be shown as a difference."""
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime]
    outcome: Mapped[Outcome | None] = mapped_column(worded(Outcome, "outcome"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    remarks: Mapped[Prose] = mapped_column(default="")

    challenge: Mapped[Challenge] = relationship(back_populates="proposals")
