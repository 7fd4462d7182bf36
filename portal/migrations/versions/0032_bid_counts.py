"""The number of bids and the root of their fingerprints, at each deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was opened before was not counted before."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "bid_counts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("closes_at", moment, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("counted_at", moment, nullable=False),
        sa.CheckConstraint(
            "counted_at > closes_at", name=op.f("ck_bid_counts_counted_after_closing")
        ),
        sa.CheckConstraint("count >= 0", name=op.f("ck_bid_counts_count_not_negative")),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_bid_counts_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_counts")),
        sa.UniqueConstraint(
            "challenge_id", "closes_at", name=op.f("uq_bid_counts_challenge_id_closes_at")
        ),
    )


def downgrade() -> None:
    """The log keeps what was published."""
    op.drop_table("bid_counts")
