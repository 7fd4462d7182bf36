"""When the file that came of a task was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was deleted before."""
    op.add_column("jobs", sa.Column("file_deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget when."""
    op.drop_column("jobs", "file_deleted_at")
