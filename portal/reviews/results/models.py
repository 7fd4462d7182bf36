"""Tables of what teams are shown."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Key, Prose


class Redaction(Base):
    """A reviewer's text that an officer has checked: `words` are what the team reads, "" for nothing.

    `criterion_id` is None for the general comment. `original` is the text that was checked: if the
    sheet says something else by now, it waits to be checked again.
    """

    __tablename__ = "redactions"
    __table_args__ = (
        UniqueConstraint("sheet_id", "criterion_id", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Key]
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id"))
    criterion_id: Mapped[UUID | None] = mapped_column(ForeignKey("criteria.id"))
    original: Mapped[Prose]
    words: Mapped[Prose]
    checked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    checked_at: Mapped[datetime]
