"""Tables of decisions, notices and objections."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.awards.rules import NoticeState, ObjectionState
from portal.bids.models import Bid
from portal.challenges.models import Challenge
from portal.core.db import Base, Key, Prose, worded
from portal.reviews.rankings.models import Ranking


class Notice(Base):
    """A decision on a ranking and its public announcement, with the objection window."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("challenge_id", "number"),
        # One notice of a challenge stands; the ones before it were withdrawn.
        Index(
            "uq_notices_standing",
            "challenge_id",
            unique=True,
            postgresql_where=text("state <> 'withdrawn'"),
        ),
        CheckConstraint(
            "(published_at IS NULL) = (state = 'decided')", name="published_has_its_date"
        ),
        CheckConstraint("window_ends_at > published_at", name="window_after_publishing"),
        Index("ix_notices_newest", "published_at", "id"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    number: Mapped[int] = mapped_column(default=1)
    ranking_id: Mapped[UUID] = mapped_column(ForeignKey("rankings.id"))
    state: Mapped[NoticeState] = mapped_column(
        worded(NoticeState, "notice_state"), default=NoticeState.DECIDED
    )
    meeting: Mapped[str] = mapped_column(String(200))
    deviation_reason: Mapped[Prose] = mapped_column(default="")
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    window_ends_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    ranking: Mapped[Ranking] = relationship()
    places: Mapped[list["NoticePlace"]] = relationship(
        order_by="NoticePlace.position", cascade="all, delete-orphan"
    )
    objections: Mapped[list["Objection"]] = relationship(
        order_by="Objection.raised_at", back_populates="notice"
    )

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"notice:{self.id}"

    @property
    def winners(self) -> list["NoticePlace"]:
        """The bids that are to be awarded, in their order."""
        return [place for place in self.places if place.winner]


class NoticePlace(Base):
    """A bid named in a notice; its title and team are copied, since a notice never changes."""

    __tablename__ = "notice_places"
    __table_args__ = (UniqueConstraint("notice_id", "bid_id"),)

    id: Mapped[Key]
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    position: Mapped[int]
    winner: Mapped[bool] = mapped_column(Boolean)
    title: Mapped[str] = mapped_column(String(200))
    lead: Mapped[str] = mapped_column(String(200))
    partners: Mapped[list[str]]
    support: Mapped[str] = mapped_column(String(40))
    """Yuan of public money, as text, as it was announced."""
    score: Mapped[str] = mapped_column(String(12))

    bid: Mapped[Bid] = relationship()


class Objection(Base):
    """A complaint on a notice; the award waits for its answer."""

    __tablename__ = "objections"
    __table_args__ = (
        # A form sent twice is one objection; the next may come when this one is answered.
        Index(
            "uq_objections_open",
            "notice_id",
            "raised_by",
            unique=True,
            postgresql_where=text("state = 'raised'"),
        ),
    )

    id: Mapped[Key]
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    raised_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    raised_at: Mapped[datetime]
    text: Mapped[Prose]
    state: Mapped[ObjectionState] = mapped_column(
        worded(ObjectionState, "objection_state"), default=ObjectionState.RAISED
    )
    answer: Mapped[Prose] = mapped_column(default="")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]

    notice: Mapped[Notice] = relationship(back_populates="objections")
    objector: Mapped[Person] = relationship(foreign_keys=[raised_by])
