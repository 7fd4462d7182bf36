"""Assignments for a call: their scenarios with the pairs, and what officers order."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)


def _word(column: str, name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(column, kind, nullable=False)


def _key(table: str) -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _to(table: str, column: str, target: str, **options: Any) -> list[Any]:
    name = op.f(f"fk_{table}_{column}_{target}")
    cascade = options.pop("ondelete", None)
    return [
        sa.Column(column, sa.Uuid(), nullable=options.get("nullable", False)),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=cascade),
    ]


def _json(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def upgrade() -> None:
    """Four tables."""
    _allotments()
    _scenarios()
    _pairs()
    _orders()


def _allotments() -> None:
    table = "allotments"
    op.create_table(
        table,
        *_key(table),
        *_to(table, "call_id", "calls"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        _word("state", "allotment_state", "preparing", "released"),
        _json("topics"),
        *_to(table, "started_by", "people"),
        _moment("started_at"),
        *_to(table, "released_by", "people", nullable=True),
        _moment("released_at", nullable=True),
        sa.Column("released_number", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("call_id", "number", name=op.f(f"uq_{table}_call_id_number")),
    )


def _scenarios() -> None:
    table = "allotment_scenarios"
    op.create_table(
        table,
        *_key(table),
        *_to(table, "allotment_id", "allotments"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        _word("state", "scenario_state", "waiting", "solved", "short"),
        _json("parameters"),
        *_to(table, "asked_by", "people"),
        _moment("asked_at"),
        _moment("solved_at", nullable=True),
        _json("figures", nullable=True),
        _json("shortfall", nullable=True),
        sa.Column("instance", sa.LargeBinary(), nullable=True),
        sa.Column("instance_sha256", sa.String(64), nullable=True),
        sa.Column("result_sha256", sa.String(64), nullable=True),
        sa.UniqueConstraint("allotment_id", "number", name=op.f(f"uq_{table}_allotment_id_number")),
    )


def _pairs() -> None:
    table = "allotment_pairs"
    op.create_table(
        table,
        *_to(table, "scenario_id", "allotment_scenarios", ondelete="CASCADE"),
        *_to(table, "bid_id", "bids"),
        *_to(table, "reviewer_id", "reviewers"),
        sa.Column("fit", sa.Numeric(7, 6), nullable=False),
        _json("why"),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("scenario_id", "bid_id", "reviewer_id", name=op.f(f"pk_{table}")),
    )


def _orders() -> None:
    table = "allotment_orders"
    op.create_table(
        table,
        *_key(table),
        *_to(table, "allotment_id", "allotments"),
        *_to(table, "bid_id", "bids"),
        *_to(table, "reviewer_id", "reviewers"),
        _word("kind", "order_kind", "fix", "ban"),
        sa.Column("reason", sa.Text(), nullable=False),
        *_to(table, "given_by", "people"),
        _moment("given_at"),
        _moment("taken_back_at", nullable=True),
    )
    op.create_index(
        "uq_allotment_orders_standing",
        table,
        ["allotment_id", "bid_id", "reviewer_id"],
        unique=True,
        postgresql_where=sa.text("taken_back_at IS NULL"),
    )


def downgrade() -> None:
    """What was assigned stays in the seats of the rounds; how it came about is lost."""
    for table in ("allotment_orders", "allotment_pairs", "allotment_scenarios", "allotments"):
        op.drop_table(table)
