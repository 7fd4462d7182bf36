"""What was found of the files that were handed in, so that the formal check opens each once."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; files of bids that are open already are read with their check."""
    op.create_table(
        "paper_readings",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("is_intact", sa.Boolean(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pages >= 0", name=op.f("ck_paper_readings_pages_not_negative")),
        sa.PrimaryKeyConstraint("sha256", "media_type", name=op.f("pk_paper_readings")),
    )


def downgrade() -> None:
    """Drop it; the files can be read again."""
    op.drop_table("paper_readings")
