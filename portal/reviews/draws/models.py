"""Tables of draws: what was frozen and drawn, who gave outside values, and who was asked."""

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

from portal.accounts.models import Person
from portal.challenges.models import Challenge
from portal.core.db import Base, Json, Key, Prose, worded
from portal.core.locking import LockedJson
from portal.reviews.draws.rules import DrawState, Mix, Orders, SourceKind, Standing
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import Stratum


class Draw(Base):
    """One draw of a challenge. What it says once it is frozen, and once it is drawn, stays as it is:
    the database refuses a change. A draw that was abandoned stays as well."""

    __tablename__ = "draws"
    __table_args__ = (
        UniqueConstraint("challenge_id", "number"),
        # Two at once would let somebody choose between them.
        Index(
            "uq_draws_open",
            "challenge_id",
            unique=True,
            postgresql_where=text("state IN ('committed', 'frozen', 'bound')"),
        ),
        CheckConstraint(
            "(pool IS NULL) = (pool_hash IS NULL) AND (pool IS NULL) = (frozen_at IS NULL)",
            name="frozen_whole",
        ),
        CheckConstraint(
            "(state = 'drawn') = (outcome IS NOT NULL) AND (outcome IS NULL) = (drawn_at IS NULL)",
            name="drawn_whole",
        ),
        CheckConstraint("outcome IS NULL OR pool IS NOT NULL", name="drawn_from_a_pool"),
        CheckConstraint("(state = 'abandoned') = (abandoned_at IS NOT NULL)", name="abandoned_at"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[DrawState] = mapped_column(
        worded(DrawState, "draw_state"), default=DrawState.COMMITTED
    )
    commitment: Mapped[str] = mapped_column(String(64))
    locked_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Under the master key, bound to this row; none in a draw from before there were secrets."""
    locked_salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    committed_at: Mapped[datetime]
    pool: Mapped[Json | None]
    """As docs/verification.md has it."""
    pool_hash: Mapped[str | None] = mapped_column(String(64))
    named: Mapped[list[str]] = mapped_column(default=list)
    """The outside source as it was named: its kind, and for a lottery its name and date."""
    frozen_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    frozen_at: Mapped[datetime | None]
    bound_at: Mapped[datetime | None]
    outcome: Mapped[Json | None]
    """`secret`, `sources`, `seed` and `orders`: all that is needed to run it again."""
    drawn_at: Mapped[datetime | None]
    short_at: Mapped[datetime | None]
    """When its order had nobody left for a seat: from then on a further draw may follow."""
    abandoned_at: Mapped[datetime | None]
    reason: Mapped[Prose] = mapped_column(default="")

    secret = LockedJson("locked_secret")
    salt = LockedJson("locked_salt")
    challenge: Mapped[Challenge] = relationship()
    parties: Mapped[list["DrawParty"]] = relationship(
        order_by="DrawParty.position", back_populates="draw"
    )

    @property
    def kind(self) -> SourceKind | None:
        """Where its outside values come from; none before it is frozen."""
        return SourceKind(self.named[0]) if self.named else None

    @property
    def mix(self) -> Mix:
        """The seats of each stratum; none before it is frozen."""
        return dict((self.pool or {}).get("mix", {}))

    @property
    def orders(self) -> Orders:
        """The order of each stratum; empty before it is drawn."""
        return dict((self.outcome or {}).get("orders", {}))

    @property
    def homes(self) -> dict[str, str]:
        """The organisation of each alias that was drawn from."""
        strata = (self.pool or {}).get("strata", {})
        return {row[0]: row[1] for rows in strata.values() for row in rows}

    @property
    def is_old(self) -> bool:
        """Whether it was made before there were secrets; its aliases are the ids themselves."""
        return self.locked_salt is None


class DrawParty(Base):
    """Somebody who is present and gives an outside value."""

    __tablename__ = "draw_parties"
    __table_args__ = (
        UniqueConstraint("draw_id", "person_id"),
        UniqueConstraint("draw_id", "position"),
        CheckConstraint("(fingerprint IS NULL) = (bound_at IS NULL)", name="bound_whole"),
        CheckConstraint("(value IS NULL) = (shown_at IS NULL)", name="shown_whole"),
    )

    id: Mapped[Key]
    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draws.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    standing: Mapped[Standing] = mapped_column(worded(Standing, "standing"))
    position: Mapped[int]
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    bound_at: Mapped[datetime | None]
    value: Mapped[str | None] = mapped_column(String(400))
    shown_at: Mapped[datetime | None]

    draw: Mapped[Draw] = relationship(back_populates="parties")
    person: Mapped[Person] = relationship()


class DrawAsk(Base):
    """Who was asked to sit, in turn, and whose seats stood then; or was passed over, and why."""

    __tablename__ = "draw_asks"
    __table_args__ = (
        UniqueConstraint("challenge_id", "position"),
        # Whoever was asked once in a challenge is not asked again.
        UniqueConstraint("challenge_id", "reviewer_id"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draws.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("reviewers.id"), index=True)
    alias: Mapped[str] = mapped_column(String(36))
    stratum: Mapped[Stratum] = mapped_column(worded(Stratum, "stratum"))
    beside: Mapped[list[str]]
    """The aliases whose seats stood when this one's turn came."""
    passed_for: Mapped[list[str]] = mapped_column(default=list)
    """Reason codes of a conflict that was found after the draw, or of an absence."""
    at: Mapped[datetime]

    reviewer: Mapped[Reviewer] = relationship()
