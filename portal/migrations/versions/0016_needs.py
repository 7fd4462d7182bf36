"""Needs, and what experts say about them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "handed_in",
                "taken_up",
                "drafted",
                "merged",
                "answered",
                "declined",
                name="need_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("site", sa.String(length=200), nullable=False),
        sa.Column("existing", sa.Text(), nullable=False),
        sa.Column("worth", sa.Text(), nullable=False),
        sa.Column("money", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("pain_points", postgresql.JSONB(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum(
                "high",
                "normal",
                "low",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attachment_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("challenge_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "(state = 'draft') = (handed_in_at IS NULL)", name=op.f("ck_needs_handed_in_has_date")
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL)",
            name=op.f("ck_needs_merged_has_target"),
        ),
        sa.CheckConstraint(
            "state <> 'drafted' OR challenge_id IS NOT NULL",
            name=op.f("ck_needs_drafted_has_challenge"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('merged', 'answered', 'declined') OR answer <> ''",
            name=op.f("ck_needs_closed_with_words"),
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_needs_merged_into_another")),
        sa.CheckConstraint("money >= 0", name=op.f("ck_needs_money_not_negative")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["stored_files.id"], name=op.f("fk_needs_attachment_id_stored_files")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_needs_challenge_id_challenges")
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_needs_cluster_id_clusters")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["needs.id"], name=op.f("fk_needs_merged_into_id_needs")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisations.id"], name=op.f("fk_needs_owner_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["raised_by"], ["people.id"], name=op.f("fk_needs_raised_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
        sa.UniqueConstraint("number", name=op.f("uq_needs_number")),
    )
    op.create_index(
        "ix_needs_board",
        "needs",
        ["handed_in_at", "id"],
        unique=False,
        postgresql_where=sa.text("handed_in_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_needs_challenge_id"), "needs", ["challenge_id"], unique=False)
    op.create_index("ix_needs_cluster", "needs", ["cluster_id", "handed_in_at", "id"], unique=False)
    op.create_index(op.f("ix_needs_merged_into_id"), "needs", ["merged_into_id"], unique=False)
    op.create_index("ix_needs_own", "needs", ["owner_id", "created_at", "id"], unique=False)
    op.create_table(
        "need_opinions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "given",
                "refused",
                name="opinion_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spoken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drive", sa.SmallInteger(), nullable=True),
        sa.Column("base", sa.SmallInteger(), nullable=True),
        sa.Column("testable", sa.SmallInteger(), nullable=True),
        sa.Column("finance", sa.SmallInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'asked') = (spoken_at IS NULL)", name=op.f("ck_need_opinions_spoken_has_date")
        ),
        sa.CheckConstraint(
            "state <> 'given' OR (drive BETWEEN 1 AND 5 AND base BETWEEN 1 AND 5"
            " AND testable BETWEEN 1 AND 5 AND finance BETWEEN 1 AND 5)",
            name=op.f("ck_need_opinions_given_has_ratings"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["people.id"], name=op.f("fk_need_opinions_asked_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["people.id"], name=op.f("fk_need_opinions_expert_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name=op.f("fk_need_opinions_need_id_needs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_opinions")),
        sa.UniqueConstraint(
            "need_id", "expert_id", name=op.f("uq_need_opinions_need_id_expert_id")
        ),
    )
    op.create_index(
        "ix_need_opinions_expert", "need_opinions", ["expert_id", "asked_at", "id"], unique=False
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_need_opinions_expert", table_name="need_opinions")
    op.drop_table("need_opinions")
    op.drop_index("ix_needs_own", table_name="needs")
    op.drop_index(op.f("ix_needs_merged_into_id"), table_name="needs")
    op.drop_index("ix_needs_cluster", table_name="needs")
    op.drop_index(op.f("ix_needs_challenge_id"), table_name="needs")
    op.drop_index(
        "ix_needs_board", table_name="needs", postgresql_where=sa.text("handed_in_at IS NOT NULL")
    )
    op.drop_table("needs")
