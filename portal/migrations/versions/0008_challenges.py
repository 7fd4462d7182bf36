"""Tables of challenges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_calls_cluster_id_clusters")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisations.id"], name=op.f("fk_calls_issuer_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("number", name=op.f("uq_calls_number")),
    )
    op.create_index(op.f("ix_calls_cluster_id"), "calls", ["cluster_id"], unique=False)
    op.create_index(op.f("ix_calls_issuer_id"), "calls", ["issuer_id"], unique=False)
    op.create_table(
        "challenges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "opened",
                "reviewing",
                "ranked",
                "noticed",
                "awarded",
                "failed",
                "cancelled",
                name="challenge_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column(
            "issuer_type",
            sa.Enum(
                "government",
                "enterprise",
                "joint",
                name="issuer_type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scenario_site", sa.String(length=200), nullable=False),
        sa.Column("scenario_owner", sa.String(length=200), nullable=False),
        sa.Column("scenario_use", sa.Text(), nullable=False),
        sa.Column("scenario_access", sa.Text(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR (published_at IS NOT NULL AND closes_at IS NOT NULL)",
            name=op.f("ck_challenges_published_has_dates"),
        ),
        sa.CheckConstraint(
            "closes_at > published_at", name=op.f("ck_challenges_closes_after_publishing")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_challenges_call_id_calls")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["people.id"], name=op.f("fk_challenges_drafted_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
        sa.UniqueConstraint("code", name=op.f("uq_challenges_code")),
    )
    op.create_index(op.f("ix_challenges_call_id"), "challenges", ["call_id"], unique=False)
    op.create_index("ix_challenges_newest", "challenges", ["published_at", "id"], unique=False)
    op.create_table(
        "challenge_funds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "city",
                "district",
                "enterprise",
                "social",
                name="fund_source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_challenge_funds_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_challenge_funds_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_funds")),
        sa.UniqueConstraint(
            "challenge_id", "source", name=op.f("uq_challenge_funds_challenge_id_source")
        ),
    )
    op.create_table(
        "criteria",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "weight > 0 AND weight <= 100", name=op.f("ck_criteria_weight_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_criteria_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria")),
        sa.UniqueConstraint(
            "challenge_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_criteria_challenge_id_position"),
        ),
    )
    op.create_table(
        "indicators",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "operator",
            sa.Enum(
                "ge",
                "le",
                "eq",
                "between",
                "qualitative",
                name="operator",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("high", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("test_method", sa.String(length=400), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(operator = 'between') = (high IS NOT NULL)",
            name=op.f("ck_indicators_high_only_for_a_range"),
        ),
        sa.CheckConstraint(
            "(operator = 'qualitative') = (value IS NULL)",
            name=op.f("ck_indicators_value_unless_qualitative"),
        ),
        sa.CheckConstraint("high > value", name=op.f("ck_indicators_range_in_order")),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_indicators_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicators")),
        sa.UniqueConstraint(
            "challenge_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_indicators_challenge_id_position"),
        ),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    """Drop them."""
    op.drop_table("indicators")
    op.drop_table("criteria")
    op.drop_table("challenge_funds")
    op.drop_index("ix_challenges_newest", table_name="challenges")
    op.drop_index(op.f("ix_challenges_call_id"), table_name="challenges")
    op.drop_table("challenges")
    op.drop_index(op.f("ix_calls_issuer_id"), table_name="calls")
    op.drop_index(op.f("ix_calls_cluster_id"), table_name="calls")
    op.drop_table("calls")
    # ### end Alembic commands ###
