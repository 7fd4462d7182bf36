"""Table of the public registry."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, Json, Key, Name
from portal.projects.models import Project


class RegistryEntry(Base):
    """An accepted project as the public registry keeps it; a snapshot, made by a task."""

    __tablename__ = "registry_entries"
    __table_args__ = (
        Index("ix_registry_entries_newest", "entered_at", "id"),
        Index(
            "ix_registry_entries_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), unique=True)
    number: Mapped[int] = mapped_column(unique=True)
    snapshot: Mapped[Json]
    entered_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    cluster: Mapped[str] = mapped_column(String(60))
    """Its address; this and the rest is what the registry is narrowed and searched by."""
    district: Mapped[str] = mapped_column(String(40))
    link: Mapped[Name]
    year: Mapped[int]
    words: Mapped[Any] = mapped_column(TSVECTOR)

    project: Mapped[Project] = relationship()
