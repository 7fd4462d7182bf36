"""Two officers give a submitted sheet back: one asks, another agrees."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

TABLE = "sheet_returns"
MOMENT = sa.DateTime(timezone=True)
STATES = ("asked", "agreed", "refused")
PARTS = (("sheet_id", "sheets"), ("asked_by", "people"), ("decided_by", "people"))
OPEN = "(state = 'asked') = (decided_by IS NULL) AND (state = 'asked') = (decided_at IS NULL)"


def upgrade() -> None:
    """One table; sheets that were given back before have no row."""
    state = sa.Enum(
        *STATES, name="return_state", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.id"], name=op.f(f"fk_{TABLE}_{column}_{target}")
            )
            for column, target in PARTS
        ),
        sa.CheckConstraint(
            "state <> 'agreed' OR decided_by <> asked_by", name=op.f(f"ck_{TABLE}_another_agrees")
        ),
        sa.CheckConstraint(OPEN, name=op.f(f"ck_{TABLE}_decided_by_somebody")),
    )
    op.create_index(op.f(f"ix_{TABLE}_sheet_id"), TABLE, ["sheet_id"], unique=False)
    op.create_index(
        f"uq_{TABLE}_asked",
        TABLE,
        ["sheet_id"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )


def downgrade() -> None:
    """Who agreed is in the log alone."""
    op.drop_table(TABLE)
