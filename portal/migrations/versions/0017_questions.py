"""Questions about challenges."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "answered",
                "same",
                "withdrawn",
                name="question_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("amends", sa.Boolean(), nullable=False),
        sa.Column("amendment_id", sa.Uuid(), nullable=True),
        sa.Column("same_as_id", sa.Uuid(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'answered') = (number IS NOT NULL)",
            name=op.f("ck_questions_answered_has_number"),
        ),
        sa.CheckConstraint(
            "(state = 'same') = (same_as_id IS NOT NULL)", name=op.f("ck_questions_same_has_other")
        ),
        sa.CheckConstraint(
            "state <> 'answered' OR (answer <> '' AND wording <> '' AND answered_at IS NOT NULL)",
            name=op.f("ck_questions_answered_has_answer"),
        ),
        sa.CheckConstraint("same_as_id <> id", name=op.f("ck_questions_same_as_another")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["people.id"], name=op.f("fk_questions_answered_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["people.id"], name=op.f("fk_questions_asked_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_questions_challenge_id_challenges")
        ),
        sa.ForeignKeyConstraint(
            ["same_as_id"], ["questions.id"], name=op.f("fk_questions_same_as_id_questions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint(
            "challenge_id", "number", name=op.f("uq_questions_challenge_id_number")
        ),
    )
    op.create_index("ix_questions_own", "questions", ["asked_by", "challenge_id"], unique=False)
    op.create_index(op.f("ix_questions_same_as_id"), "questions", ["same_as_id"], unique=False)
    op.create_index(
        "ix_questions_waiting",
        "questions",
        ["challenge_id", "asked_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'asked'"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index(
        "ix_questions_waiting", table_name="questions", postgresql_where=sa.text("state = 'asked'")
    )
    op.drop_index(op.f("ix_questions_same_as_id"), table_name="questions")
    op.drop_index("ix_questions_own", table_name="questions")
    op.drop_table("questions")
