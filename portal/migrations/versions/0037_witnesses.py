"""Witnesses of the log, and their signatures under its checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit_witnesses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_witnesses")),
    )
    op.create_index(
        "ix_audit_witnesses_named",
        "audit_witnesses",
        ["name"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "audit_cosignatures",
        sa.Column("checkpoint_id", sa.BigInteger(), nullable=False),
        sa.Column("witness_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"],
            ["audit_checkpoints.id"],
            name=op.f("fk_audit_cosignatures_checkpoint_id_audit_checkpoints"),
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"],
            ["audit_witnesses.id"],
            name=op.f("fk_audit_cosignatures_witness_id_audit_witnesses"),
        ),
        sa.PrimaryKeyConstraint("checkpoint_id", "witness_id", name=op.f("pk_audit_cosignatures")),
    )


def downgrade() -> None:
    """The witnesses have their own files."""
    op.drop_table("audit_cosignatures")
    op.drop_index("ix_audit_witnesses_named", "audit_witnesses")
    op.drop_table("audit_witnesses")
