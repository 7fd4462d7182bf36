"""The inbox's table."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Json, Key
from portal.core.words import Message, again


class InboxItem(Base):
    """One thing a person should know; `subject` with `parameters` is translated when shown."""

    __tablename__ = "inbox_items"
    __table_args__ = (
        # The same news reaches a person once, however often its task runs.
        UniqueConstraint("person_id", "key"),
        Index("ix_inbox_items_newest", "person_id", "at", "id"),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(300))
    parameters: Mapped[Json]
    url: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    read_at: Mapped[datetime | None]

    @property
    def message(self) -> Message:
        """The news, to be translated."""
        return again(self.subject, self.parameters)
