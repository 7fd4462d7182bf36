"""Contracts that are put off or refused, and awards that go to the next in order."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "'negotiating', 'frozen', 'signed', 'lapsed'"


def _key(table: str) -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _reference(table: str, column: str, target: str) -> list[Any]:
    name = op.f(f"fk_{table}_{column}_{target}")
    return [
        sa.Column(column, sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    ]


def _contract_states(states: str) -> None:
    op.drop_constraint("contract_state", "contracts", type_="check")
    op.create_check_constraint("contract_state", "contracts", f"state IN ({states})")


def upgrade() -> None:
    """A state more, and two tables."""
    _contract_states(f"{STATES}, 'refused'")
    table = "contract_extensions"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "contract_id", "contracts"),
        sa.Column("before", MOMENT, nullable=False),
        sa.Column("after", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_reference(table, "extended_by", "people"),
        sa.Column("extended_at", MOMENT, nullable=False),
        sa.UniqueConstraint("contract_id", "before", name=op.f(f"uq_{table}_contract_id_before")),
        sa.CheckConstraint("after > before", name=op.f(f"ck_{table}_later")),
    )
    table = "contract_refusals"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "contract_id", "contracts"),
        *_reference(table, "party_id", "contract_parties"),
        sa.Column("reason", sa.Text(), nullable=False),
        *_reference(table, "refused_by", "people"),
        sa.Column("refused_at", MOMENT, nullable=False),
    )
    op.create_index(op.f(f"ix_{table}_contract_id"), table, ["contract_id"], unique=False)


def downgrade() -> None:
    """What was refused counts as lapsed."""
    op.drop_table("contract_refusals")
    op.drop_table("contract_extensions")
    op.execute("UPDATE contracts SET state = 'lapsed' WHERE state = 'refused'")
    _contract_states(STATES)
