"""The log in five tables: entries, those without a number, numbers with leaves, subtrees, checkpoints.

Entries keep their order and numbers; their leaves are made anew in form 2, by the numbering, since
nothing was ever signed over those of form 1.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from portal.core.crypto import canonical, leaf

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

OCCASIONS = "regular", "deadline", "opening", "draw", "award", "receipt"
APPEND_ONLY = "audit_leaves", "audit_nodes", "audit_checkpoints"
FUNCTIONS = {
    "audit_log_is_erased": """
        IF OLD.salt IS NOT NULL AND NEW.salt IS NULL AND NEW.payload IS NULL
           AND (OLD.id, OLD.at, OLD.kind, OLD.actor_ref, OLD.subject_ref, OLD.digest)
             = (NEW.id, NEW.at, NEW.kind, NEW.actor_ref, NEW.subject_ref, NEW.digest) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the log is append-only';""",
    "audit_log_is_queued": """
        INSERT INTO audit_queue VALUES (NEW.id);
        RETURN NULL;""",
    "audit_queue_is_numbered": """
        IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM audit_leaves WHERE entry_id = OLD.entry_id) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the log is append-only: what waits leaves the queue with its number';""",
    "audit_leaves_are_contiguous": """
        IF NEW.seq = coalesce((SELECT max(seq) + 1 FROM audit_leaves), 0) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the log is append-only: the next number is another';""",
}
TRIGGERS = (
    ("audit_log_rows", "BEFORE UPDATE", "audit_log", "ROW", "audit_log_is_erased"),
    ("audit_log_gone", "BEFORE DELETE", "audit_log", "ROW", "audit_log_is_append_only"),
    ("audit_log_queued", "AFTER INSERT", "audit_log", "ROW", "audit_log_is_queued"),
    (
        "audit_queue_rows",
        "BEFORE UPDATE OR DELETE",
        "audit_queue",
        "ROW",
        "audit_queue_is_numbered",
    ),
    (
        "audit_queue_whole",
        "BEFORE TRUNCATE",
        "audit_queue",
        "STATEMENT",
        "audit_log_is_append_only",
    ),
    ("audit_leaves_next", "BEFORE INSERT", "audit_leaves", "ROW", "audit_leaves_are_contiguous"),
    *(
        (f"{table}_{name}", when, table, scope, "audit_log_is_append_only")
        for table in APPEND_ONLY
        for name, when, scope in (
            ("rows", "BEFORE UPDATE OR DELETE", "ROW"),
            ("whole", "BEFORE TRUNCATE", "STATEMENT"),
        )
    ),
)


def upgrade() -> None:
    """Make the tables, and queue what is there."""
    op.execute("DROP TRIGGER audit_log_rows ON audit_log")
    op.alter_column("audit_log", "seq", new_column_name="id")
    op.add_column("audit_log", sa.Column("digest", sa.LargeBinary(), nullable=True))
    _fill("digest", _digest)
    op.alter_column("audit_log", "digest", nullable=False)
    op.alter_column("audit_log", "salt", nullable=True)
    op.alter_column("audit_log", "payload", nullable=True)
    op.drop_column("audit_log", "leaf")
    op.execute("ALTER TABLE audit_log ALTER id ADD GENERATED ALWAYS AS IDENTITY")
    op.execute(
        "SELECT setval(pg_get_serial_sequence('audit_log', 'id'), max(id))"
        " FROM audit_log HAVING max(id) > 0"
    )
    _make_tables()
    for name, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        )
    for name, when, table, scope, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {scope} EXECUTE FUNCTION {function}()"
        )
    op.execute("INSERT INTO audit_queue SELECT id FROM audit_log")


def _make_tables() -> None:
    op.create_table(
        "audit_queue",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_queue")),
    )
    # Rows come and go all the time: the few that are there must stay quick to count.
    op.execute(
        "ALTER TABLE audit_queue SET"
        " (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)"
    )
    op.create_table(
        "audit_leaves",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_log.id"], name=op.f("fk_audit_leaves_entry_id_audit_log")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_leaves")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_leaves_entry_id")),
    )
    op.create_table(
        "audit_nodes",
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_audit_nodes")),
    )
    occasion = sa.Enum(
        *OCCASIONS, name="occasion", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("occasion", occasion, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checkpoints")),
    )
    op.create_index(op.f("ix_audit_checkpoints_size"), "audit_checkpoints", ["size"])
    op.create_index(
        "ix_audit_checkpoints_public",
        "audit_checkpoints",
        ["size"],
        unique=True,
        postgresql_where=sa.text("occasion <> 'receipt'"),
    )


def _digest(row: sa.Row[Any]) -> bytes:
    payload = {**row.payload, "actor": row.actor_ref}
    return hashlib.sha256(row.salt + canonical(payload)).digest()


def _leaf(row: sa.Row[Any]) -> bytes:
    """The leaf of form 1."""
    facts = {
        "v": 1,
        "seq": row.id,
        "kind": row.kind,
        "at": row.at.astimezone(UTC).isoformat(),
        "subject": row.subject_ref,
        "payload": hashlib.sha256(row.salt + canonical(row.payload)).hexdigest(),
    }
    return leaf(canonical(facts))


def _fill(column: str, make: Callable[[sa.Row[Any]], bytes], batch: int = 5000) -> None:
    """Compute a new column of audit_log, so many rows at a time."""
    connection, last = op.get_bind(), -1
    names = "id", "at", "kind", "actor_ref", "subject_ref", "salt"
    log = sa.table(
        "audit_log", *map(sa.column, names), sa.column("payload", JSONB), sa.column(column)
    )
    put = log.update().where(log.c.id == sa.bindparam("key"))
    put = put.values({column: sa.bindparam("value", type_=sa.LargeBinary)})
    while True:
        page = sa.select(log).where(log.c.id > last).order_by(log.c.id).limit(batch)
        rows = connection.execute(page).all()
        if not rows:
            return
        connection.execute(put, [{"key": row.id, "value": make(row)} for row in rows])
        last = rows[-1].id


def downgrade() -> None:
    """Back to one table. What was erased cannot come back: then this is refused."""
    for name, _, table, _, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("ALTER TABLE audit_log ALTER salt SET NOT NULL, ALTER payload SET NOT NULL")
    op.execute("ALTER TABLE audit_log ALTER id DROP IDENTITY, ADD seq bigint")
    # In the order of the numbers, and then of the queue.
    op.execute(
        "UPDATE audit_log SET seq = place.seq FROM ("
        " SELECT log.id, row_number() OVER (ORDER BY leaves.seq NULLS LAST, log.id) - 1 AS seq"
        " FROM audit_log AS log LEFT JOIN audit_leaves AS leaves ON leaves.entry_id = log.id"
        ") AS place WHERE place.id = audit_log.id"
    )
    for table in ("audit_checkpoints", "audit_nodes", "audit_leaves", "audit_queue"):
        op.drop_table(table)
    op.drop_constraint("pk_audit_log", "audit_log")
    op.drop_column("audit_log", "id")
    op.drop_column("audit_log", "digest")
    op.alter_column("audit_log", "seq", new_column_name="id", nullable=False)
    op.add_column("audit_log", sa.Column("leaf", sa.LargeBinary(), nullable=True))
    _fill("leaf", _leaf)
    op.alter_column("audit_log", "leaf", nullable=False)
    op.alter_column("audit_log", "id", new_column_name="seq")
    op.create_primary_key("pk_audit_log", "audit_log", ["seq"])
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
    op.execute(
        "CREATE TRIGGER audit_log_rows BEFORE UPDATE OR DELETE ON audit_log "
        "FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only()"
    )
