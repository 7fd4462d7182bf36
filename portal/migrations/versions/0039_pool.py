"""The pool: expertise, employers, absences, and entry by two people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
NEW = (
    ("keywords", postgresql.JSONB(), "'[]'::jsonb"),
    ("about", sa.Text(), "''"),
    ("max_load", sa.BigInteger(), "10"),
    ("state", sa.String(length=32), "'active'"),
    ("reason", sa.Text(), "''"),
)


def upgrade() -> None:
    """Who could be drawn still can; what stood as disciplines in words is kept as keywords."""
    for name, kind, value in NEW:
        column = sa.Column(name, kind, nullable=False, server_default=sa.text(value))
        op.add_column("reviewers", column)
    op.execute("UPDATE reviewers SET state = 'removed' WHERE NOT active")
    op.execute("UPDATE reviewers SET keywords = disciplines, disciplines = '[]'")
    for name, _, _ in NEW:
        op.alter_column("reviewers", name, server_default=None)
    op.drop_column("reviewers", "active")
    op.create_check_constraint(
        "pool_state",
        "reviewers",
        "state IN ('proposed', 'active', 'resting', 'removed')",
    )
    _add_people()
    op.create_check_constraint(
        op.f("ck_reviewers_max_load_in_range"), "reviewers", "max_load BETWEEN 1 AND 60"
    )
    op.create_check_constraint(
        op.f("ck_reviewers_approved_by_another"), "reviewers", "approved_by <> proposed_by"
    )
    op.create_index("ix_reviewers_entered", "reviewers", ["entered_at", "id"])
    op.create_index(
        "ix_reviewers_disciplines", "reviewers", ["disciplines"], postgresql_using="gin"
    )
    _make_employments()
    _make_absences()


def _add_people() -> None:
    for name in ("proposed_by", "approved_by"):
        op.add_column("reviewers", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_reviewers_{name}_people"), "reviewers", "people", [name], ["id"]
        )
    op.add_column("reviewers", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE reviewers SET approved_at = entered_at WHERE state = 'active'")
    op.add_column("reviewers", sa.Column("source_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_reviewers_source_id_stored_files"),
        "reviewers",
        "stored_files",
        ["source_id"],
        ["id"],
    )
    op.create_index(op.f("ix_reviewers_source_id"), "reviewers", ["source_id"])


def _make_employments() -> None:
    op.create_table(
        "employments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.String(length=100), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until >= since", name=op.f("ck_employments_in_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_employments_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"],
            ["reviewers.id"],
            name=op.f("fk_employments_reviewer_id_reviewers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employments")),
    )
    op.create_index(op.f("ix_employments_reviewer_id"), "employments", ["reviewer_id"])
    op.create_index(op.f("ix_employments_organisation_id"), "employments", ["organisation_id"])
    op.create_index(
        "ix_employments_unlinked",
        "employments",
        ["organisation_name"],
        postgresql_where=sa.text("organisation_id IS NULL"),
    )


def _make_absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_absences_in_order")),
        sa.ForeignKeyConstraint(
            ["reviewer_id"],
            ["reviewers.id"],
            name=op.f("fk_absences_reviewer_id_reviewers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_reviewer_id"), "absences", ["reviewer_id"])


def downgrade() -> None:
    """Disciplines go back to words; employers, absences and proposals are lost."""
    op.drop_table("absences")
    op.drop_table("employments")
    op.drop_index("ix_reviewers_disciplines", "reviewers")
    op.drop_index("ix_reviewers_entered", "reviewers")
    op.add_column(
        "reviewers", sa.Column("active", sa.Boolean(), nullable=False, server_default="true")
    )
    op.execute("UPDATE reviewers SET active = state = 'active', disciplines = keywords")
    op.alter_column("reviewers", "active", server_default=None)
    for name in ("source_id", "approved_at", "approved_by", "proposed_by"):
        op.drop_column("reviewers", name)
    for name, _, _ in reversed(NEW):
        op.drop_column("reviewers", name)
