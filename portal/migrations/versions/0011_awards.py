"""Tables of awards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("ranking_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "decided",
                "published",
                "confirmed",
                "withdrawn",
                name="notice_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("meeting", sa.String(length=200), nullable=False),
        sa.Column("deviation_reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(published_at IS NULL) = (state = 'decided')",
            name=op.f("ck_notices_published_has_its_date"),
        ),
        sa.CheckConstraint(
            "window_ends_at > published_at", name=op.f("ck_notices_window_after_publishing")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_notices_challenge_id_challenges")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people.id"], name=op.f("fk_notices_decided_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["rankings.id"], name=op.f("fk_notices_ranking_id_rankings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("challenge_id", "number", name=op.f("uq_notices_challenge_id_number")),
    )
    op.create_index("ix_notices_newest", "notices", ["published_at", "id"], unique=False)
    op.create_index(
        "uq_notices_standing",
        "notices",
        ["challenge_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "notice_places",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("winner", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("lead", sa.String(length=200), nullable=False),
        sa.Column("partners", postgresql.JSONB(), nullable=False),
        sa.Column("support", sa.String(length=40), nullable=False),
        sa.Column("score", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_notice_places_bid_id_bids")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_places_notice_id_notices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_places")),
        sa.UniqueConstraint("notice_id", "bid_id", name=op.f("uq_notice_places_notice_id_bid_id")),
    )
    op.create_index(op.f("ix_notice_places_bid_id"), "notice_places", ["bid_id"], unique=False)
    op.create_table(
        "objections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "raised",
                "upheld",
                "dismissed",
                name="objection_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["people.id"], name=op.f("fk_objections_answered_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_objections_notice_id_notices")
        ),
        sa.ForeignKeyConstraint(
            ["raised_by"], ["people.id"], name=op.f("fk_objections_raised_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_notice_id"), "objections", ["notice_id"], unique=False)
    op.create_index(
        "uq_objections_open",
        "objections",
        ["notice_id", "raised_by"],
        unique=True,
        postgresql_where=sa.text("state = 'raised'"),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    """Drop them."""
    op.drop_index(
        "uq_objections_open", table_name="objections", postgresql_where=sa.text("state = 'raised'")
    )
    op.drop_index(op.f("ix_objections_notice_id"), table_name="objections")
    op.drop_table("objections")
    op.drop_index(op.f("ix_notice_places_bid_id"), table_name="notice_places")
    op.drop_table("notice_places")
    op.drop_index(
        "uq_notices_standing",
        table_name="notices",
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.drop_index("ix_notices_newest", table_name="notices")
    op.drop_table("notices")
    # ### end Alembic commands ###
