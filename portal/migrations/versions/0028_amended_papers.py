"""Amendments are written by section, and change the papers of a challenge."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

PAPERS = "challenge_attachments"
LIVE = "NOT (is_live AND removed_by IS NOT NULL)"
AMENDED = "is_live OR added_by IS NOT NULL OR removed_by IS NOT NULL"


def upgrade() -> None:
    """Every paper there is belongs to its challenge as it was published."""
    edited = sa.Column("edited", postgresql.JSONB(), nullable=False, server_default="{}")
    op.add_column("amendments", edited)
    op.alter_column("amendments", "edited", server_default=None)
    live: sa.Column[bool] = sa.Column(
        "is_live", sa.Boolean(), nullable=False, server_default=sa.text("true")
    )
    op.add_column(PAPERS, live)
    for column in ("added_by", "removed_by"):
        op.add_column(PAPERS, sa.Column(column, sa.Uuid(), nullable=True))
        name = op.f(f"fk_{PAPERS}_{column}_amendments")
        op.create_foreign_key(name, PAPERS, "amendments", [column], ["id"])
        op.create_index(op.f(f"ix_{PAPERS}_{column}"), PAPERS, [column], unique=False)
    op.create_check_constraint(op.f(f"ck_{PAPERS}_live_until_removed"), PAPERS, LIVE)
    op.create_check_constraint(op.f(f"ck_{PAPERS}_live_unless_amended"), PAPERS, AMENDED)


def downgrade() -> None:
    """Papers that are not live were only known to amendments."""
    op.execute(sa.text("DELETE FROM challenge_attachments WHERE NOT is_live"))
    for name in ("live_unless_amended", "live_until_removed"):
        op.drop_constraint(op.f(f"ck_{PAPERS}_{name}"), PAPERS, type_="check")
    for column in ("removed_by", "added_by"):
        op.drop_index(op.f(f"ix_{PAPERS}_{column}"), table_name=PAPERS)
        op.drop_constraint(op.f(f"fk_{PAPERS}_{column}_amendments"), PAPERS, type_="foreignkey")
        op.drop_column(PAPERS, column)
    op.drop_column(PAPERS, "is_live")
    op.drop_column("amendments", "edited")
