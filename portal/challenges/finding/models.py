"""Tables of finding and following."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.challenges.models import Challenge
from portal.core.db import Base, Key


class Follow(Base):
    """A person is told what becomes of a challenge."""

    __tablename__ = "follows"
    __table_args__ = (
        # One follows a challenge or does not; also finds who follows it.
        UniqueConstraint("challenge_id", "person_id"),
        Index("ix_follows_newest", "person_id", "at", "id"),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    challenge: Mapped[Challenge] = relationship()
