"""The log's table; a trigger refuses to change or delete an entry."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Json


class Entry(Base):
    """One act: `leaf` binds the number, kind, time, subject and salted payload (RFC 6962 leaf)."""

    __tablename__ = "audit_log"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(64), index=True)
    actor_ref: Mapped[str] = mapped_column(String(64), index=True)
    subject_ref: Mapped[str] = mapped_column(String(120), index=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[Json]
