"""Files that are sealed before their bid, and which of them a version holds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whatever there was before was locked or open, and sealed whole."""
    no, none = sa.text("false"), sa.text("'[]'::jsonb")
    flag, listed = sa.Boolean(), postgresql.JSONB(astext_type=sa.Text())
    op.add_column("stored_files", sa.Column("sealed", flag, nullable=False, server_default=no))
    op.add_column("bid_versions", sa.Column("parts", listed, nullable=False, server_default=none))


def downgrade() -> None:
    """Bids with sealed parts that still wait for their opening cannot be opened any more."""
    op.drop_column("bid_versions", "parts")
    op.drop_column("stored_files", "sealed")
