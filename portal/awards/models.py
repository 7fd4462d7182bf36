"""Tables of decisions and notices."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.awards.rules import NoticeKind, NoticeState
from portal.bids.models import Bid
from portal.challenges.models import Challenge
from portal.core.db import Base, Key, Prose, worded
from portal.reviews.rankings.models import Ranking

if TYPE_CHECKING:
    from portal.awards.objections.models import Objection


class Notice(Base):
    """A decision on a ranking and its public announcement, with the objection window.

    Once published its words never change: a trigger of the database refuses it. A correction or a
    withdrawal is a notice of its own that points to the old one.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("challenge_id", "number"),
        # One notice of a challenge stands; the ones before it were withdrawn or corrected.
        Index(
            "uq_notices_standing",
            "challenge_id",
            unique=True,
            postgresql_where=text("state NOT IN ('withdrawn', 'corrected', 'announced')"),
        ),
        CheckConstraint(
            "(published_at IS NULL) = (state = 'decided')", name="published_has_its_date"
        ),
        CheckConstraint("window_ends_at > published_at", name="window_after_publishing"),
        CheckConstraint(
            "kind NOT IN ('correction', 'withdrawal') OR replaces_id IS NOT NULL",
            name="points_to_the_old",
        ),
        CheckConstraint("(kind = 'withdrawal') = (state = 'announced')", name="withdrawal_is_said"),
        Index("ix_notices_newest", "published_at", "id"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    number: Mapped[int] = mapped_column(default=1)
    kind: Mapped[NoticeKind] = mapped_column(
        worded(NoticeKind, "notice_kind"), default=NoticeKind.AWARD
    )
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("notices.id"))
    revision: Mapped[int] = mapped_column(default=1)
    """Of the draft: who decides or publishes says which one they have seen."""
    ranking_id: Mapped[UUID] = mapped_column(ForeignKey("rankings.id"))
    state: Mapped[NoticeState] = mapped_column(
        worded(NoticeState, "notice_state"), default=NoticeState.DECIDED
    )
    meeting: Mapped[str] = mapped_column(String(200))
    deviation_reason: Mapped[Prose] = mapped_column(default="")
    """Why the order of the ranking was not kept, or why nobody is awarded."""
    reason: Mapped[Prose] = mapped_column(default="")
    """Of a correction or a withdrawal: what was wrong."""
    business_contact: Mapped[str] = mapped_column(String(200), default="")
    supervision_contact: Mapped[str] = mapped_column(String(200), default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the facts that were published; the log has it too."""
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    window_ends_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    ranking: Mapped[Ranking] = relationship()
    replaces: Mapped["Notice | None"] = relationship(remote_side="Notice.id")
    decider: Mapped[Person] = relationship(foreign_keys=[decided_by])
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


class Renunciation(Base):
    """A winner that is out: it stepped back before the award stood, or signed no contract after.

    The next in order may step in.
    """

    __tablename__ = "renunciations"

    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    reason: Mapped[Prose]
    said_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    said_at: Mapped[datetime]
