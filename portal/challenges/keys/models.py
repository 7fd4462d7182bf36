"""Tables of opening keys and of the custodians' shares; no share is in them, nor anything that opens."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.challenges.keys.rules import HOLDERS, Body, KeyState, ShareState
from portal.challenges.models import Challenge
from portal.core.db import Base, Json, Key, worded
from portal.core.sealing import opening_key as sealing


class OpeningKey(Base):
    """The key of a challenge: what is stored once it is made opens nothing without two shares."""

    __tablename__ = "opening_keys"
    __table_args__ = (
        # Made whole or not at all: whoever finds a public key can be sure that it opens.
        CheckConstraint(
            "(state = 'ready') = (public_key IS NOT NULL) AND (state = 'ready') = "
            "(stored IS NOT NULL) AND (state = 'ready') = (envelope IS NOT NULL) AND "
            "(state = 'ready') = (made_at IS NOT NULL)",
            name="made_whole",
        ),
        CheckConstraint("length(public_key) = 32", name="public_key_length"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(
        ForeignKey("challenges.id", ondelete="CASCADE"), unique=True
    )
    state: Mapped[KeyState] = mapped_column(worded(KeyState, "key_state"), default=KeyState.WAITING)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the public key, as the log has it."""
    stored: Mapped[Json | None]
    """The wraps by pair ("1-2") and the canaries by holder ("1"), in hexadecimal."""
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A sealed canary, opened like a bid to try a pair of shares."""
    made_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    shares: Mapped[list["KeyShare"]] = relationship(
        order_by="KeyShare.holder", back_populates="key", cascade="all, delete-orphan"
    )

    def keep(self, made: sealing.OpeningKey, now: datetime) -> None:
        """Take in what is stored of a key that was made."""
        self.public_key, self.sha256 = made.public_key, made.sha256
        self.stored = {
            "wraps": {f"{i}-{j}": wrap.hex() for (i, j), wrap in made.wraps.items()},
            "canaries": {str(holder): one.hex() for holder, one in made.canaries.items()},
        }
        self.envelope, self.made_at = made.envelope, now

    @property
    def made(self) -> sealing.OpeningKey:
        """The key as the sealing knows it; only for one that is made."""
        if self.public_key is None or self.stored is None or self.envelope is None:
            raise ValueError("the key is not made")
        return sealing.OpeningKey(
            str(self.challenge_id),
            self.public_key,
            {_pair(names): bytes.fromhex(one) for names, one in self.stored["wraps"].items()},
            {int(name): bytes.fromhex(one) for name, one in self.stored["canaries"].items()},
            self.envelope,
        )

    @property
    def by_holder(self) -> Mapping[int, "KeyShare"]:
        """Its shares by the number of their holder."""
        return {share.holder: share for share in self.shares}


def _pair(names: str) -> tuple[int, int]:
    first, second = names.split("-")
    return int(first), int(second)


class KeyShare(Base):
    """A custodian and what the portal knows of the share: its public half."""

    __tablename__ = "key_shares"
    __table_args__ = (
        UniqueConstraint("key_id", "holder"),
        # Two shares open. Nobody has two, and no body.
        UniqueConstraint("key_id", "person_id"),
        UniqueConstraint("key_id", "organisation_id"),
        CheckConstraint("holder BETWEEN 1 AND 3", name="holder_in_range"),
        CheckConstraint("(state = 'named') = (public_half IS NULL)", name="half_once_taken"),
        CheckConstraint("(state = 'proven') = (proven_at IS NOT NULL)", name="proven_has_date"),
    )

    id: Mapped[Key]
    key_id: Mapped[UUID] = mapped_column(ForeignKey("opening_keys.id", ondelete="CASCADE"))
    holder: Mapped[int]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[ShareState] = mapped_column(
        worded(ShareState, "share_state"), default=ShareState.NAMED
    )
    named_at: Mapped[datetime]
    public_half: Mapped[bytes | None] = mapped_column(LargeBinary)
    kept: Mapped[bytes | None] = mapped_column(LargeBinary)
    """This holder's part of the made key, sealed to the public half."""
    taken_at: Mapped[datetime | None]
    proven_at: Mapped[datetime | None]
    wrong: Mapped[int] = mapped_column(default=0)
    """Wrong tries in a row."""
    wrong_at: Mapped[datetime | None]

    key: Mapped[OpeningKey] = relationship(back_populates="shares")
    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()

    @property
    def body(self) -> Body:
        """The body for which it is held."""
        return HOLDERS[self.holder]

    @property
    def mark(self) -> str:
        """By which a printed sheet is told from one that was printed before it."""
        return self.public_half.hex()[:8].upper() if self.public_half else ""
