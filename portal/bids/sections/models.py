"""The sections of a bid, each with its own revision; and of what was opened the money and the names."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.bids.sections.rules import Section
from portal.bids.terms import BidTerms, BudgetCategory, sums_by
from portal.core.db import Base, Key, Prose, Yuan, worded
from portal.core.locking import LockedJson
from portal.core.money import FundSource


class BidSection(Base):
    """What one section of a draft says, locked; `revision` counts its changes, whoever made them."""

    __tablename__ = "bid_sections"
    __table_args__ = (UniqueConstraint("bid_id", "section"),)

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"))
    section: Mapped[Section] = mapped_column(worded(Section, "bid_section"))
    locked: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))

    content = LockedJson("locked")


class BidBudgetLine(Base):
    """One cell of the budget of a version; a trigger keeps their sums equal to the manifest's."""

    __tablename__ = "bid_budget_lines"
    __table_args__ = (
        UniqueConstraint("version_id", "year", "category", "source"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("year >= 1", name="year_counts_from_one"),
    )

    id: Mapped[Key]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("bid_versions.id"))
    year: Mapped[int] = mapped_column(SmallInteger)
    category: Mapped[BudgetCategory] = mapped_column(worded(BudgetCategory, "budget_category"))
    source: Mapped[FundSource] = mapped_column(worded(FundSource, "fund_source"))
    amount: Mapped[Yuan]


def lines_of(terms: BidTerms) -> list[BidBudgetLine]:
    """The cells of a budget, as rows."""
    return [
        BidBudgetLine(year=year, category=category, source=source, amount=amount)
        for (year, category, source), amount in sums_by(terms.items, lambda i: i.place).items()
    ]


def identity() -> Computed:
    """A name and an organisation as one text, the same however they were typed: what tells people
    apart whom no account tells apart."""
    return Computed("portal_identity(name, organisation)", persisted=True)


class NamedInVersion:
    """Somebody whom a version that is open names."""

    id: Mapped[Key]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("bid_versions.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[Prose]
    organisation: Mapped[Prose]
    identity: Mapped[Prose] = mapped_column(identity(), index=True)


class BidMember(NamedInVersion, Base):
    """A person of the team, as the manifest names them."""

    __tablename__ = "bid_members"
    __table_args__ = (UniqueConstraint("version_id", "position"),)


class BidAvoid(NamedInVersion, Base):
    """An expert whom the team asks to keep away (回避申请)."""

    __tablename__ = "bid_avoids"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    reason: Mapped[Prose]


def members_of(terms: BidTerms) -> list[BidMember]:
    """The people of a team, as rows."""
    return [
        BidMember(position=place, name=one.name, organisation=one.organisation)
        for place, one in enumerate(terms.members)
    ]


def avoids_of(terms: BidTerms) -> list[BidAvoid]:
    """The experts who shall keep away, as rows."""
    return [BidAvoid(position=place, **vars(one)) for place, one in enumerate(terms.avoid)]
