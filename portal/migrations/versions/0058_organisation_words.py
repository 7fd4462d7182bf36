"""The words of organisations' names, for the public search."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_organisations_words",
        "organisations",
        [sa.text("finding_words(name::text || ' '::text || name_en::text)")],
        postgresql_using="gin",
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_organisations_words", "organisations")
