"""The table of losses: what was declared, by whom it was confirmed, until when bids come again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.losses.rules import LossState
from portal.challenges.models import Challenge
from portal.core.db import Base, Key, Prose, worded


class ShareLoss(Base):
    """Two of the three shares of a challenge are lost."""

    __tablename__ = "share_losses"
    __table_args__ = (
        # One stands at a time; one that was not confirmed may be declared again.
        Index(
            "uq_share_losses_standing",
            "challenge_id",
            unique=True,
            postgresql_where=text("state IN ('declared', 'confirmed')"),
        ),
        # Four eyes: nobody makes the portal take in bids after the deadline alone.
        CheckConstraint(
            "state NOT IN ('confirmed', 'concluded') OR decided_by <> declared_by",
            name="another_person_confirms",
        ),
        CheckConstraint(
            "(until IS NOT NULL) = (state IN ('confirmed', 'concluded'))", name="confirmed_has_date"
        ),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_whole"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(
        ForeignKey("challenges.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[LossState] = mapped_column(
        worded(LossState, "loss_state"), default=LossState.DECLARED
    )
    reason: Mapped[Prose]
    days: Mapped[int]
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    declared_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    remark: Mapped[Prose] = mapped_column(default="")
    until: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
