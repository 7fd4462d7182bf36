"""Tables of finding and following."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.challenges.models import Challenge
from portal.core.db import Base, Json, Key, Name, Yuan


class Posting(Base):
    """What of a published challenge the list is searched and sorted by; triggers keep it."""

    __tablename__ = "postings"
    __table_args__ = (
        Index("ix_postings_newest", "published_at", "challenge_id"),
        Index("ix_postings_deadline", "closes_at", "challenge_id"),
        Index("ix_postings_budget", "money", "challenge_id"),
        Index("ix_postings_cluster_newest", "cluster", "published_at", "challenge_id"),
        Index("ix_postings_district_newest", "district", "published_at", "challenge_id"),
        Index("ix_postings_field_newest", "field", "published_at", "challenge_id"),
        Index("ix_postings_state_newest", "state", "published_at", "challenge_id"),
        Index("ix_postings_state_deadline", "state", "closes_at", "challenge_id"),
        # Without a list of pending words a search is as quick after a hundred changes as before.
        Index(
            "ix_postings_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    challenge_id: Mapped[UUID] = mapped_column(
        ForeignKey("challenges.id", ondelete="CASCADE"), primary_key=True
    )
    published_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(32))
    cluster: Mapped[str] = mapped_column(String(60))
    district: Mapped[str] = mapped_column(String(40))
    field: Mapped[Name]
    money: Mapped[Yuan]
    words: Mapped[Any] = mapped_column(TSVECTOR)


class PostingCount(Base):
    """By how many postings that are alike became more or fewer; the sum is how many there are.

    Rows are only added, so that nobody waits for another; `service.settle_counts` sums them up.
    """

    __tablename__ = "posting_counts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    cluster: Mapped[str] = mapped_column(String(60))
    district: Mapped[str] = mapped_column(String(40))
    field: Mapped[Name]
    state: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]


class Follow(Base):
    """A person is told what becomes of a challenge."""

    __tablename__ = "follows"
    __table_args__ = (
        # One follows a challenge or does not; also finds who follows it.
        UniqueConstraint("challenge_id", "person_id"),
        Index("ix_follows_newest", "person_id", "at", "id"),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    challenge: Mapped[Challenge] = relationship()


class SavedSearch(Base):
    """A search that a person gave a name; whoever has one is told of what is published and fits."""

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[Json]
    """The address of the list, as it was."""
    cluster: Mapped[str] = mapped_column(String(200))
    district: Mapped[str] = mapped_column(String(200))
    field: Mapped[Name]
    terms: Mapped[str | None] = mapped_column(TSQUERY)
    budget_from: Mapped[Yuan | None]
    budget_to: Mapped[Yuan | None]
    closes_from: Mapped[datetime | None]
    closes_to: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))


class QuietPerson(Base):
    """A person who is told of a new challenge only when it fits one of their saved searches."""

    __tablename__ = "quiet_people"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
