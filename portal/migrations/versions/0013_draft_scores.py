"""A draft keeps a reason whose points are not given yet."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Points may be missing."""
    op.alter_column("scores", "points", nullable=True)


def downgrade() -> None:
    """Points are needed again; reasons without points are lost."""
    op.execute("DELETE FROM scores WHERE points IS NULL")
    op.alter_column("scores", "points", nullable=False)
