"""Table of the public registry."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, Json, Key
from portal.projects.models import Project


class RegistryEntry(Base):
    """An accepted project as the public registry keeps it; a snapshot, made by a task."""

    __tablename__ = "registry_entries"

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), unique=True)
    number: Mapped[int] = mapped_column(unique=True)
    snapshot: Mapped[Json]
    entered_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    project: Mapped[Project] = relationship()
