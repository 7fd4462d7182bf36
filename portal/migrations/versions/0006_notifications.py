"""Tables of notifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "inbox_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("portal_now()"), nullable=False
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_inbox_items_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_items")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_inbox_items_person_id_key")),
    )
    op.create_index("ix_inbox_items_newest", "inbox_items", ["person_id", "at", "id"], unique=False)
    # ### end Alembic commands ###


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_inbox_items_newest", table_name="inbox_items")
    op.drop_table("inbox_items")
    # ### end Alembic commands ###
