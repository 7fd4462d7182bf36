"""Tranches that the acceptance of the project releases."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

GATE = """
CREATE OR REPLACE FUNCTION refuse_early_tranche() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state NOT IN ('due', 'paid') THEN RETURN NEW; END IF;
    IF NEW.milestone_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM milestones WHERE id = NEW.milestone_id AND state = 'accepted')
    OR NEW.milestone_id IS NULL AND EXISTS (
        SELECT FROM projects WHERE id = NEW.project_id AND state IN ('signing', 'lapsed'))
    {more} THEN
        RAISE EXCEPTION 'the gate of this tranche is closed' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_tranches_due_at_its_gate';
    END IF;
    RETURN NEW;
END $$
"""
MORE = """OR NEW.at_acceptance AND NOT EXISTS (
        SELECT FROM projects WHERE id = NEW.project_id AND state = 'accepted')"""


def upgrade() -> None:
    """A column, and its gate."""
    op.add_column(
        "tranches",
        sa.Column("at_acceptance", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_tranches_one_gate"), "tranches", "NOT at_acceptance OR milestone_id IS NULL"
    )
    op.execute(GATE.format(more=MORE))


def downgrade() -> None:
    """The acceptance's tranches count as the contract's."""
    op.execute(GATE.format(more=""))
    op.drop_constraint(op.f("ck_tranches_one_gate"), "tranches", type_="check")
    op.drop_column("tranches", "at_acceptance")
