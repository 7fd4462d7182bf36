"""The table of gatherings: who began one, who came first, and what that one left for the second."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.gathering.rules import GatheringState, is_running
from portal.challenges.models import Challenge
from portal.core.db import Base, Key, worded
from portal.core.locking import LockedJson


class Gathering(Base):
    """A ceremony with custodians who are elsewhere."""

    __tablename__ = "bid_gatherings"
    __table_args__ = (
        # Two at once would take one share each, and wait for ever.
        Index(
            "uq_bid_gatherings_open",
            "challenge_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("ends_at > begun_at", name="ends_after_beginning"),
        CheckConstraint("(holder IS NULL) = (came_at IS NULL)", name="came_whole"),
        # What was left for the second is kept no longer than it is waited for.
        CheckConstraint("state = 'open' OR locked_left IS NULL", name="nothing_left_behind"),
        CheckConstraint("holder BETWEEN 1 AND 3", name="holder_in_range"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(
        ForeignKey("challenges.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[GatheringState] = mapped_column(
        worded(GatheringState, "gathering_state"), default=GatheringState.OPEN
    )
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    begun_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    holder: Mapped[int | None]
    """Who came first."""
    came_at: Mapped[datetime | None]
    locked_left: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed to the shares of the two others, and that under the master key, bound to this row."""

    left = LockedJson("locked_left")
    challenge: Mapped[Challenge] = relationship()

    def is_running(self, now: datetime) -> bool:
        """Whether custodians may still come."""
        return is_running(self.state, self.ends_at, now)
