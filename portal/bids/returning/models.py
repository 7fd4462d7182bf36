"""The table of bids that are handed in again: the manifest, while the team brings its files."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.models import BidVersion
from portal.core.db import Base, Key
from portal.core.locking import LockedJson
from portal.core.sealing.manifest import Manifest


class BidReturn(Base):
    """A version whose manifest was brought again and fits; finished once every file fits as well."""

    __tablename__ = "bid_returns"
    __table_args__ = (
        # Once the version is open, it says the same.
        CheckConstraint("(finished_at IS NULL) = (locked IS NOT NULL)", name="kept_until_finished"),
    )

    id: Mapped[Key]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("bid_versions.id"), unique=True)
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    locked: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The manifest's bytes, under the master key."""

    written = LockedJson("locked")
    version: Mapped[BidVersion] = relationship()

    @property
    def manifest(self) -> Manifest:
        """What was brought; only of one that is not finished. Raises NotABundle."""
        return Manifest.from_bytes(str(self.written).encode())
