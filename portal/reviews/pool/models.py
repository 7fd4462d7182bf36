"""The table of the pool."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.core.db import Base, Key, worded
from portal.reviews.pool.rules import Stratum


class Reviewer(Base):
    """An expert in the pool (专家库)."""

    __tablename__ = "reviewers"

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    stratum: Mapped[Stratum] = mapped_column(worded(Stratum, "stratum"))
    title: Mapped[str] = mapped_column(String(100), default="")
    disciplines: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    entered_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()
