"""A challenge keeps when it reached each state, and is completed when its projects are accepted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = [
    "draft",
    "published",
    "opened",
    "reviewing",
    "ranked",
    "noticed",
    "awarded",
    "failed",
    "cancelled",
]


def _states(states: list[str]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint("challenge_state", "challenges", type_="check")
    op.create_check_constraint("challenge_state", "challenges", f"state IN ({listed})")


def upgrade() -> None:
    """Take over the dates that are known."""
    op.add_column(
        "challenges",
        sa.Column("reached", postgresql.JSONB(), nullable=False, server_default="{}"),
    )
    op.alter_column("challenges", "reached", server_default=None)
    op.execute(
        "UPDATE challenges SET reached = jsonb_strip_nulls("
        "jsonb_build_object('published', published_at, 'opened', opened_at))"
    )
    _states([*BEFORE[:7], "completed", *BEFORE[7:]])


def downgrade() -> None:
    """Completed challenges are awarded again."""
    op.execute("UPDATE challenges SET state = 'awarded' WHERE state = 'completed'")
    _states(BEFORE)
    op.drop_column("challenges", "reached")
