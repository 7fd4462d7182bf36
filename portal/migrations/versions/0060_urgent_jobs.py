"""A task for which people stand and wait does not wait for others."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Jobs may be urgent."""
    urgent = sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.text("false"))
    op.add_column("jobs", urgent)


def downgrade() -> None:
    """Each waits for its turn."""
    op.drop_column("jobs", "urgent")
