"""Score sheets count what was saved, ties named in blind rounds, and remarks shown to teams."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TIES = ["kin", "shares", "advice", "other"]
KINDS = ["employer", "former", "team", "owner", "issuer", "coworker", "named", *TIES]


def _key(table: str) -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _reference(table: str, column: str, target: str, nullable: bool = False) -> list[Any]:
    name = op.f(f"fk_{table}_{column}_{target}")
    return [
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    ]


def upgrade() -> None:
    """Three columns and two tables."""
    op.add_column(
        "sheets", sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False)
    )
    for name in ("saved_at", "reopened_at"):
        op.add_column("sheets", sa.Column(name, MOMENT, nullable=True))
    _named_ties()
    _redactions()


def _named_ties() -> None:
    table = "named_ties"
    kind = sa.Enum(*KINDS, name="named_tie", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "seat_id", "seats"),
        sa.Column("kind", kind, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("organisation", "name", "words")),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.create_index(op.f("ix_named_ties_seat_id"), table, ["seat_id"], unique=False)


def _redactions() -> None:
    table = "redactions"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "sheet_id", "sheets"),
        *_reference(table, "criterion_id", "criteria", nullable=True),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *_reference(table, "checked_by", "people"),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.UniqueConstraint(
            "sheet_id",
            "criterion_id",
            name=op.f("uq_redactions_sheet_id_criterion_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def downgrade() -> None:
    """What was named and released is lost; a sheet that was given back is an ordinary draft."""
    op.drop_table("redactions")
    op.drop_table("named_ties")
    for name in ("reopened_at", "saved_at", "revision"):
        op.drop_column("sheets", name)
