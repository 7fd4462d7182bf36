"""Tables of second factors, their recovery codes, wrong tries, and sign-ins that wait for a code."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Base, Key
from portal.core.locking import LockedJson


def _owner() -> Mapped[UUID]:
    return mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)


class SecondFactor(Base):
    """The secret that a person's app has too; one that is proven, and one that is being set up."""

    __tablename__ = "second_factors"
    __table_args__ = (
        Index(
            "ix_second_factors_proven",
            "person_id",
            unique=True,
            postgresql_where=text("proven_at IS NOT NULL"),
        ),
        Index(
            "ix_second_factors_proposed",
            "person_id",
            unique=True,
            postgresql_where=text("proven_at IS NULL"),
        ),
        # A code holds once: the counter of its period only grows.
        CheckConstraint("counter >= 0", name="counter"),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    locked: Mapped[bytes] = mapped_column(LargeBinary)
    secret_hex = LockedJson("locked")
    counter: Mapped[int] = mapped_column(default=0)
    """The period of the last code that was taken."""
    proposed_at: Mapped[datetime]
    proven_at: Mapped[datetime | None]

    @property
    def secret(self) -> bytes:
        """The secret. Raises Locked."""
        return bytes.fromhex(self.secret_hex)


class RecoveryCode(Base):
    """What is kept of a recovery code that was not used yet."""

    __tablename__ = "recovery_codes"

    id: Mapped[Key]
    factor_id: Mapped[UUID] = mapped_column(
        ForeignKey("second_factors.id", ondelete="CASCADE"), index=True
    )
    sha256: Mapped[str] = mapped_column(String(64), unique=True)


class WrongTry(Base):
    """A wrong code, or a wrong password where one's second factor is changed."""

    __tablename__ = "factor_wrong_tries"

    id: Mapped[Key]
    person_id: Mapped[UUID] = _owner()
    at: Mapped[datetime]


class PendingSignIn(Base):
    """After the password and before the code; the cookie holds a token, the row only its SHA-256."""

    __tablename__ = "pending_sign_ins"

    id: Mapped[Key]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = _owner()
    expires_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class FactorReset(Base):
    """An administrator's wish to reset somebody's second factor, until another one decides on it."""

    __tablename__ = "factor_resets"
    __table_args__ = (CheckConstraint("asked_by_id <> person_id", name="for_somebody_else"),)

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), unique=True
    )
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)
