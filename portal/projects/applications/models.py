"""Tables of the record of an application on its site."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, Key, Name, Prose, Quantity
from portal.core.files import StoredFile
from portal.projects.models import Project


class Application(Base):
    """Where what a project made is in use, and what that has changed."""

    __tablename__ = "applications"

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), unique=True)
    site: Mapped[Name]
    used_by: Mapped[Name]
    since: Mapped[date]
    replicable: Mapped[Prose] = mapped_column(default="")
    orders: Mapped[Prose] = mapped_column(default="")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))

    project: Mapped[Project] = relationship(back_populates="application")
    effects: Mapped[list["Effect"]] = relationship(
        order_by="Effect.position", cascade="all, delete-orphan"
    )
    photos: Mapped[list["Photo"]] = relationship(
        order_by="Photo.position", cascade="all, delete-orphan"
    )


class Effect(Base):
    """One figure before and after."""

    __tablename__ = "application_effects"
    __table_args__ = (UniqueConstraint("application_id", "position"),)

    id: Mapped[Key]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    position: Mapped[int]
    name: Mapped[Name]
    before: Mapped[Quantity]
    after: Mapped[Quantity]
    unit: Mapped[str] = mapped_column(String(40), default="")


class Photo(Base):
    """A picture of the site, drawn anew: smaller, and without what a camera writes beside it."""

    __tablename__ = "application_photos"

    id: Mapped[Key]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    position: Mapped[int]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"), index=True)
    caption: Mapped[Name]

    file: Mapped[StoredFile] = relationship()
