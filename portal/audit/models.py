"""The log's tables; triggers refuse every change but the erasing of a payload with its salt."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.notes import WITNESS, VerifierKey
from portal.audit.rules import Occasion
from portal.core.db import Base, Json, Key, worded


class Entry(Base):
    """One act. `digest` is of the salted payload with who acted in it; `id` is the order of arrival,
    with gaps. The entry's number in the log is in `Numbered`, a moment after the commit."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(64), index=True)
    actor_ref: Mapped[str] = mapped_column(String(64), index=True)
    subject_ref: Mapped[str] = mapped_column(String(120), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    payload: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))


class Waiting(Base):
    """An entry that has no number yet; a trigger puts every new entry here."""

    __tablename__ = "audit_queue"

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Numbered(Base):
    """An entry's number: 0, 1, 2, … without gaps, checked by a trigger; and its leaf, 32 bytes."""

    __tablename__ = "audit_leaves"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_log.id"), unique=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)


class TreeNode(Base):
    """A complete subtree above the leaves, as portal/audit/tree.py counts them; it never changes."""

    __tablename__ = "audit_nodes"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Published(Base):
    """A checkpoint: so many entries with this root, as a signed note. Two may have the same size, when
    one was made for a receipt alone."""

    __tablename__ = "audit_checkpoints"
    __table_args__ = (
        # The public list has no checkpoint of a receipt: its time would tell that a bid came.
        Index(
            "ix_audit_checkpoints_public",
            "size",
            unique=True,
            postgresql_where=text("occasion <> 'receipt'"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, index=True)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str]
    occasion: Mapped[Occasion] = mapped_column(worded(Occasion, "occasion"))
    at: Mapped[datetime]

    cosignatures: Mapped[list["Cosignature"]] = relationship(
        order_by="Cosignature.signed_at", viewonly=True
    )


class Witness(Base):
    """Somebody who watches the log and signs its checkpoints, with a key of their own."""

    __tablename__ = "audit_witnesses"
    __table_args__ = (
        # One witness of a name at a time; a dismissed one may come back with another key.
        Index(
            "ix_audit_witnesses_named", "name", unique=True, postgresql_where=text("until IS NULL")
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    @property
    def key(self) -> VerifierKey:
        """Name and public key, as its signatures are checked with."""
        return VerifierKey(self.name, WITNESS, self.public_key)


class Cosignature(Base):
    """A witness's line under a checkpoint, checked when it came."""

    __tablename__ = "audit_cosignatures"

    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("audit_checkpoints.id"), primary_key=True)
    witness_id: Mapped[UUID] = mapped_column(ForeignKey("audit_witnesses.id"), primary_key=True)
    line: Mapped[str]
    signed_at: Mapped[datetime]
    """By the witness's clock."""
    received_at: Mapped[datetime]

    witness: Mapped[Witness] = relationship()
    checkpoint: Mapped[Published] = relationship()
