"""What is claimed back after a failed acceptance is an ending of its own kind."""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

EARLY = ("termination", "revocation")


def upgrade() -> None:
    """Endings may be failures."""
    _kinds(*EARLY, "failure")


def _kinds(*kinds: str) -> None:
    told = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint("ending_kind", "endings", type_="check")
    op.create_check_constraint("ending_kind", "endings", f"kind IN ({told})")


def downgrade() -> None:
    """Failures that were settled count as terminations."""
    op.execute("UPDATE endings SET kind = 'termination' WHERE kind = 'failure'")
    _kinds(*EARLY)
