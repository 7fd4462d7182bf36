"""Amendments, the versions of a sheet, and what teams that have handed in say to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


KINDS = ("change", "extension")
ANSWERED = "fk_questions_amendment_id_amendments"
STATES = ("draft", "proposed", "applied", "dropped")


def upgrade() -> None:
    """Make the tables; nothing was amended before."""
    _amendments()
    op.create_index(
        "ix_amendments_live",
        "amendments",
        ["challenge_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'proposed')"),
    )
    _versions()
    _acknowledgements()
    for table, column in (("challenges", "amended"), ("bid_versions", "answers")):
        counter = sa.Column(column, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column(table, counter)
    op.create_foreign_key(ANSWERED, "questions", "amendments", ["amendment_id"], ["id"])
    op.create_index(op.f("ix_questions_amendment_id"), "questions", ["amendment_id"], unique=False)


def _worded(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def _people(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([c], ["people.id"], name=op.f(f"fk_{table}_{c}_people"))
        for c in columns
    ]


def _amendments() -> None:
    op.create_table(
        "amendments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _worded("amendment_kind", *KINDS), nullable=False),
        sa.Column("state", _worded("amendment_state", *STATES), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("sheet", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("is_material", sa.Boolean(), nullable=False),
        sa.Column("closed_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("ck_amendments_four_eyes")),
        sa.CheckConstraint(
            "(state = 'applied') = (number IS NOT NULL AND proposed_by IS NOT NULL AND"
            " approved_by IS NOT NULL AND applied_at IS NOT NULL AND closes_at IS NOT NULL)",
            name=op.f("ck_amendments_applied_is_whole"),
        ),
        sa.CheckConstraint(
            "closes_at >= closed_before", name=op.f("ck_amendments_never_shortened")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_amendments_challenge_id_challenges")
        ),
        *_people("amendments", "drafted_by", "proposed_by", "approved_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
        sa.UniqueConstraint(
            "challenge_id", "number", name=op.f("uq_amendments_challenge_id_number")
        ),
    )


def _versions() -> None:
    op.create_table(
        "challenge_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sheet", postgresql.JSONB(), nullable=False),
        sa.Column("sheet_sha256", sa.String(length=64), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_challenge_versions_number_from_zero")),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_challenge_versions_challenge_id_challenges"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_versions")),
        sa.UniqueConstraint(
            "challenge_id", "number", name=op.f("uq_challenge_versions_challenge_id_number")
        ),
    )


def _acknowledgements() -> None:
    op.create_table(
        "bid_acknowledgements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bid_id"], ["bids.id"], name=op.f("fk_bid_acknowledgements_bid_id_bids")
        ),
        *_people("bid_acknowledgements", "given_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_acknowledgements")),
        sa.UniqueConstraint("bid_id", "number", name=op.f("uq_bid_acknowledgements_bid_id_number")),
    )


def downgrade() -> None:
    """Forget the amendments."""
    op.drop_index(op.f("ix_questions_amendment_id"), table_name="questions")
    op.drop_constraint(ANSWERED, "questions", type_="foreignkey")
    op.drop_column("bid_versions", "answers")
    op.drop_column("challenges", "amended")
    op.drop_table("bid_acknowledgements")
    op.drop_table("challenge_versions")
    op.drop_index("ix_amendments_live", table_name="amendments")
    op.drop_table("amendments")
