"""Bids are sealed until the opening; drafts, their files and what partners are asked are locked.

What was handed in before stays as it is, opened: its `commit` is the fingerprint of those days, and its
nonce is zeros. Bids of such a database that still wait for their opening have to be handed in again.
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.config import DEMO_SECRET
from portal.core.locking import Lock, Where

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

OFFER = ("duty", "own_money", "social_money", "people")
ONE = {"bid_sections": "content", "partner_consents": "text"}
OFFERS = ("bid_partners", "bid_invitations")


def _lock() -> Lock:
    return Lock(os.environ.get("JIEBANG_MASTER_KEY") or DEMO_SECRET)


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _table(name: str, columns: Mapping[str, Any]) -> Any:
    own: list[Any] = [sa.column("id", sa.Uuid()), sa.column("locked", sa.LargeBinary())]
    return sa.table(name, *own, *(sa.column(key, kind) for key, kind in columns.items()))


def _to_locked(table: str, columns: tuple[str, ...], made: Callable[[Any], Any]) -> None:
    """Put what these columns hold under the master key, row by row, and drop them."""
    bind, lock = op.get_bind(), _lock()
    op.add_column(table, sa.Column("locked", sa.LargeBinary(), nullable=True))
    rows = _table(table, dict.fromkeys(columns))
    for row in bind.execute(sa.select(rows)).all():
        locked = lock.lock(_written(made(row)), Where(table, "locked", row.id))
        bind.execute(rows.update().where(rows.c.id == row.id).values(locked=locked))
    op.alter_column(table, "locked", nullable=False)
    for column in columns:
        op.drop_column(table, column)


def _from_locked(
    table: str, columns: dict[str, Any], told: Callable[[Any], dict[str, Any]]
) -> None:
    """Put it back in clear."""
    bind, lock = op.get_bind(), _lock()
    for name, kind in columns.items():
        op.add_column(table, sa.Column(name, kind, nullable=True))
    rows = _table(table, columns)
    for row in bind.execute(sa.select(rows.c.id, rows.c.locked)).all():
        value = json.loads(lock.unlock(bytes(row.locked), Where(table, "locked", row.id)))
        bind.execute(rows.update().where(rows.c.id == row.id).values(told(value)))
    for name in columns:
        op.alter_column(table, name, nullable=False)
    op.drop_column(table, "locked")


def _named(name: str, value: Any) -> dict[str, Any]:
    return {name: value}


def _offer(row: Any) -> dict[str, str]:
    money = {name: f"{getattr(row, name):.2f}" for name in ("own_money", "social_money")}
    return {"duty": row.duty, **money, "people": row.people}


def upgrade() -> None:
    """Lock what is there, make room for sealed bytes."""
    op.add_column("stored_files", sa.Column("locked", sa.LargeBinary(), nullable=True))
    for table in OFFERS:
        op.drop_constraint(op.f(f"ck_{table}_money_not_negative"), table, type_="check")
        _to_locked(table, OFFER, _offer)
    for table, column in ONE.items():
        _to_locked(table, (column,), lambda row: row[2])
    _versions()
    op.create_table(
        "bid_openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["begun_by"], ["people.id"], name=op.f("fk_bid_openings_begun_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_bid_openings_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_openings")),
        sa.UniqueConstraint("challenge_id", name=op.f("uq_bid_openings_challenge_id")),
    )


def _versions() -> None:
    table = "bid_versions"
    op.alter_column(table, "manifest_sha256", new_column_name="commit")
    for column in (
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("ct_sha256", sa.String(length=64), nullable=True),
        sa.Column("ct_size", sa.BigInteger(), nullable=True),
        sa.Column("suite", sa.SmallInteger(), nullable=True),
        sa.Column("locked_nonce", sa.LargeBinary(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("fault", postgresql.JSONB(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
    ):
        op.add_column(table, column)
    op.create_foreign_key(
        op.f("fk_bid_versions_entry_id_audit_log"), table, "audit_log", ["entry_id"], ["id"]
    )
    op.execute("UPDATE bid_versions SET nonce = decode(repeat('00', 32), 'hex')")
    op.execute(
        "UPDATE bid_versions SET manifest = jsonb_set(manifest, '{document,file_id}',"
        " to_jsonb(file_id::text))"
    )
    op.alter_column(table, "manifest", nullable=True)
    op.alter_column(table, "file_id", nullable=True)
    op.create_unique_constraint(
        op.f("uq_bid_versions_bid_id_request_key"), table, ["bid_id", "request_key"]
    )
    for name, holds in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_bid_versions_{name}"), table, holds)


COLUMNS = (
    "request_key",
    "ct_sha256",
    "ct_size",
    "suite",
    "locked_nonce",
    "entry_id",
    "fault",
    "nonce",
)
CHECKS = {
    "opened_whole": "(manifest IS NULL) = (file_id IS NULL) AND (manifest IS NULL) = (nonce IS NULL)",
    "sealed_or_opened": "manifest IS NOT NULL OR ct_sha256 IS NOT NULL",
    "sealed_whole": "(ct_sha256 IS NULL) = (ct_size IS NULL) AND (ct_sha256 IS NULL) = (suite IS NULL)",
}


def downgrade() -> None:
    """Take back what can be read; what is sealed is lost with its columns."""
    op.drop_table("bid_openings")
    table = "bid_versions"
    op.execute("DELETE FROM bid_versions WHERE manifest IS NULL")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_bid_versions_{name}"), table, type_="check")
    op.drop_constraint(op.f("uq_bid_versions_bid_id_request_key"), table, type_="unique")
    for name in (
        "nonce",
        "fault",
        "entry_id",
        "locked_nonce",
        "suite",
        "ct_size",
        "ct_sha256",
        "request_key",
    ):
        op.drop_column(table, name)
    op.alter_column(table, "manifest", nullable=False)
    op.alter_column(table, "file_id", nullable=False)
    op.alter_column(table, "commit", new_column_name="manifest_sha256")
    for table, column in ONE.items():
        _from_locked(table, {column: postgresql.JSONB()}, partial(_named, column))
    for table in OFFERS:
        kinds = {
            "duty": sa.Text(),
            "own_money": sa.Numeric(16, 2),
            "social_money": sa.Numeric(16, 2),
            "people": sa.Text(),
        }
        _from_locked(table, kinds, dict)
        op.create_check_constraint(
            op.f(f"ck_{table}_money_not_negative"), table, "own_money >= 0 AND social_money >= 0"
        )
    op.drop_column("stored_files", "locked")
