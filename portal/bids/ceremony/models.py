"""The table of openings: who brought two shares together, and the key while the worker needs it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.challenges.models import Challenge
from portal.core.db import Base, Key
from portal.core.locking import LockedJson


class Opening(Base):
    """The opening of a challenge's bids; begun again, it is the same one."""

    __tablename__ = "bid_openings"

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(
        ForeignKey("challenges.id", ondelete="CASCADE"), unique=True
    )
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    locked_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Under the master key, from the shares until the last bid is open: the worker is another process,
    and may be killed. The deadline is over by then, and the gate was closed."""

    key = LockedJson("locked_key")
    challenge: Mapped[Challenge] = relationship()
