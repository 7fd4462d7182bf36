"""The table of what teams say to amendments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Key


class Acknowledgement(Base):
    """That a team leaves what it has handed in as it is after an amendment, and who said so."""

    __tablename__ = "bid_acknowledgements"
    __table_args__ = (UniqueConstraint("bid_id", "number"),)

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"))
    number: Mapped[int]
    """The amendment's number; earlier ones are meant as well."""
    given_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    given_at: Mapped[datetime]
