"""Tables of disagreements: one a bid and round, its parties, and what they say."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.bids.models import Bid
from portal.core.db import Base, Json, Key, Prose, worded
from portal.reviews.rankings.disagreement.rules import OPEN, DisagreementState
from portal.reviews.rounds.models import Round, Seat


class Disagreement(Base):
    """The sheets of one bid are far apart; once a bid and round, so that a ranking comes to an end."""

    __tablename__ = "disagreements"
    __table_args__ = (UniqueConstraint("round_id", "bid_id"),)

    id: Mapped[Key]
    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    state: Mapped[DisagreementState] = mapped_column(
        worded(DisagreementState, "disagreement_state"), default=DisagreementState.ASKED
    )
    found: Mapped[Json]
    """`spread` and `distance` in points as text, `criteria` by their places in the rubric."""
    found_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closing: Mapped[Prose] = mapped_column(default="")

    round: Mapped[Round] = relationship()
    bid: Mapped[Bid] = relationship()
    parties: Mapped[list["Party"]] = relationship(order_by="Party.number", back_populates="of")
    messages: Mapped[list["DiscussionMessage"]] = relationship(order_by="DiscussionMessage.at")

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"disagreement:{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether the ranking waits for it."""
        return self.state in OPEN


class Party(Base):
    """A reviewer of the bid; `number` is their only name in this discussion, and in no other."""

    __tablename__ = "disagreement_parties"
    __table_args__ = (
        UniqueConstraint("disagreement_id", "seat_id"),
        UniqueConstraint("disagreement_id", "number"),
    )

    id: Mapped[Key]
    disagreement_id: Mapped[UUID] = mapped_column(ForeignKey("disagreements.id"))
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seats.id"), index=True)
    number: Mapped[int]
    concerned: Mapped[bool]
    reason: Mapped[Prose] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    of: Mapped[Disagreement] = relationship(back_populates="parties")
    seat: Mapped[Seat] = relationship()


class DiscussionMessage(Base):
    """What a party, or an officer, says in a discussion; it stays as it was said."""

    __tablename__ = "discussion_messages"
    __table_args__ = (
        CheckConstraint("(party_id IS NULL) <> (officer_id IS NULL)", name="one_speaker"),
    )

    id: Mapped[Key]
    disagreement_id: Mapped[UUID] = mapped_column(ForeignKey("disagreements.id"), index=True)
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("disagreement_parties.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    text: Mapped[Prose]
    at: Mapped[datetime]

    party: Mapped[Party | None] = relationship()
    officer: Mapped[Person | None] = relationship()
