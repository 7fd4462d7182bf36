"""Tables of a team: invitations by e-mail, people with access, and places that are held."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.bids.models import Bid
from portal.bids.teams.rules import Access, InvitationState, Offer
from portal.core.db import Base, Key, worded
from portal.core.locking import LockedJson


class BidInvitation(Base):
    """Somebody without an account is asked by e-mail to register and join."""

    __tablename__ = "bid_invitations"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        # One invitation at a time to an address.
        Index(
            "uq_bid_invitations_sent",
            "bid_id",
            "email",
            unique=True,
            postgresql_where=text("state = 'sent'"),
        ),
    )

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"))
    email: Mapped[str] = mapped_column(String(254))
    locked: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[InvitationState] = mapped_column(
        worded(InvitationState, "invitation_state"), default=InvitationState.SENT
    )
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    invited_at: Mapped[datetime]
    partner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("bid_partners.id", ondelete="SET NULL")
    )

    bid: Mapped[Bid] = relationship()
    _offer = LockedJson("locked")

    @property
    def offer(self) -> Offer:
        """What is asked, as the rules know it."""
        return Offer.from_json(self._offer)

    @offer.setter
    def offer(self, offer: Offer) -> None:
        self._offer = offer.to_json()


class TeamPerson(Base):
    """A person of one of the team's organisations whom the lead named, with their access."""

    __tablename__ = "team_people"
    __table_args__ = (UniqueConstraint("bid_id", "person_id"),)

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    access: Mapped[Access] = mapped_column(worded(Access, "team_access"))
    named_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    named_at: Mapped[datetime]

    bid: Mapped[Bid] = relationship(back_populates="people")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    organisation: Mapped[Organisation] = relationship()


class HeldPlace(Base):
    """An organisation on a team, where the challenge lets it be on one only.

    Triggers of the database keep it, from the states of bids and partners: whoever leads a bid that
    is handed in, or has joined one that is not withdrawn. The keys of the challenge and of the
    organisation are those of the bid's rows; locks on their own rows would make submissions wait.
    """

    __tablename__ = "held_places"
    __table_args__ = (
        # One team of a challenge; a consent to a draft does not keep another team's bid out.
        UniqueConstraint("challenge_id", "organisation_id", "handed_in"),
    )

    bid_id: Mapped[UUID] = mapped_column(
        ForeignKey("bids.id", ondelete="CASCADE"), primary_key=True
    )
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    challenge_id: Mapped[UUID]
    handed_in: Mapped[bool]
