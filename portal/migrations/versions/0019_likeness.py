"""What was read of opened bids, and the pairs that are alike."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STATES = ("open", "harmless", "follow_up")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "bid_texts",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("traces", postgresql.JSONB(), nullable=False),
        sa.Column("unread", postgresql.JSONB(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["bid_versions.id"],
            name=op.f("fk_bid_texts_version_id_bid_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_bid_texts")),
    )
    op.create_table(
        "like_pairs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Numeric(5, 4), nullable=False),
        sa.Column("passages", postgresql.JSONB(), nullable=False),
        sa.Column("passages_in_all", sa.BigInteger(), nullable=False),
        sa.Column("hints", postgresql.JSONB(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *STATES, name="pair_state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("bid_id <> other_id", name=op.f("ck_like_pairs_two_bids")),
        sa.CheckConstraint(
            "score >= 0 AND score <= 1", name=op.f("ck_like_pairs_score_is_a_share")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (judged_at IS NULL)", name=op.f("ck_like_pairs_judged_with_note")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_like_pairs_challenge_id_challenges")
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_like_pairs_bid_id_bids")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["bids.id"], name=op.f("fk_like_pairs_other_id_bids")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by"], ["people.id"], name=op.f("fk_like_pairs_judged_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_like_pairs")),
        sa.UniqueConstraint(
            "challenge_id",
            "bid_id",
            "other_id",
            name=op.f("uq_like_pairs_challenge_id_bid_id_other_id"),
        ),
    )
    op.create_index(op.f("ix_like_pairs_bid_id"), "like_pairs", ["bid_id"])
    op.create_index(op.f("ix_like_pairs_other_id"), "like_pairs", ["other_id"])
    op.create_index("ix_like_pairs_position", "like_pairs", ["challenge_id", "position"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("like_pairs")
    op.drop_table("bid_texts")
