"""What lies in the store and no row names, since when; and sealed bytes are found by their hash."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first sweep fills the table."""
    op.create_table(
        "store_unnamed",
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("mark", sa.String(200), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_store_unnamed")),
    )
    op.create_index(op.f("ix_bid_versions_ct_sha256"), "bid_versions", ["ct_sha256"])


def downgrade() -> None:
    """Nothing is lost: it would be noted anew."""
    op.drop_index(op.f("ix_bid_versions_ct_sha256"), "bid_versions")
    op.drop_table("store_unnamed")
