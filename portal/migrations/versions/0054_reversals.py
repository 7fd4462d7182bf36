"""Counter-entries of payments: a wrong one is taken back, and the right one entered anew."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLE = "payment_reversals"
REVERSE = """
CREATE FUNCTION count_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    project projects%ROWTYPE;
    payment payments%ROWTYPE;
BEGIN
    IF NEW.state <> 'confirmed' THEN RETURN NULL; END IF;
    SELECT * INTO payment FROM payments WHERE id = NEW.payment_id;
    -- It waits for the payments of the project, whoever writes them.
    SELECT * INTO project FROM projects WHERE id = payment.project_id FOR NO KEY UPDATE;
    IF project.state NOT IN ('active', 'suspended', 'accepted', 'stopped') THEN
        RAISE EXCEPTION 'the settlement rests on what was paid' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_payment_reversals_before_settlement';
    END IF;
    UPDATE payments SET reversed_at = NEW.decided_at WHERE id = payment.id;
    UPDATE tranches SET paid = paid - payment.amount WHERE id = payment.tranche_id;
    UPDATE project_funds SET paid = paid - payment.amount
        WHERE project_id = payment.project_id AND source = payment.source;
    RETURN NULL;
END $$
"""
KEPT = """
CREATE FUNCTION refuse_change_of_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Nothing of a payment changes but that a counter-entry, and nobody else, says so once.
    IF pg_trigger_depth() = 1 OR OLD.reversed_at IS NOT NULL
    OR to_jsonb(NEW) - 'reversed_at' <> to_jsonb(OLD) - 'reversed_at' THEN
        RAISE EXCEPTION 'what was paid and received is kept' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_money_kept';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = (
    "DROP TRIGGER kept ON payments",
    "CREATE TRIGGER kept BEFORE UPDATE ON payments"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_payment()",
    "CREATE TRIGGER kept_whole BEFORE DELETE ON payments"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_money()",
    f"CREATE TRIGGER counted AFTER INSERT OR UPDATE ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION count_reversal()",
    f"CREATE TRIGGER kept BEFORE UPDATE ON {TABLE}"
    " FOR EACH ROW WHEN (OLD.state <> 'proposed')"
    " EXECUTE FUNCTION refuse_change_of_money()",
    f"CREATE TRIGGER kept_whole BEFORE DELETE ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_money()",
)


def _reference(column: str, target: str, nullable: bool = False) -> list[Any]:
    name = op.f(f"fk_{TABLE}_{column}_{target}")
    return [
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    ]


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{TABLE}_{name}"))


def upgrade() -> None:
    """A table, a date at payments, and what the database keeps and counts."""
    op.add_column("payments", sa.Column("reversed_at", MOMENT, nullable=True))
    op.drop_constraint(op.f("uq_payments_project_id_source_voucher"), "payments", type_="unique")
    op.create_index(
        "uq_payments_voucher",
        "payments",
        ["project_id", "source", "voucher"],
        unique=True,
        postgresql_where=sa.text("reversed_at IS NULL"),
    )
    states = sa.Enum(
        "proposed",
        "confirmed",
        "dropped",
        name="reversal_state",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        *_reference("payment_id", "payments"),
        sa.Column("state", states, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_reference("proposed_by", "people"),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        *_reference("decided_by", "people", nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        _check("decided_has_its_date", "(state = 'proposed') = (decided_at IS NULL)"),
        _check("confirmed_by_another", "state <> 'confirmed' OR decided_by <> proposed_by"),
    )
    op.create_index(
        "uq_payment_reversals_payment",
        TABLE,
        ["payment_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'dropped'"),
    )
    for statement in (REVERSE, KEPT, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    """What was taken back is gone with its payment: before, none could be taken back."""
    op.drop_table(TABLE)
    for trigger in ("kept", "kept_whole"):
        op.execute(f"DROP TRIGGER {trigger} ON payments")
    op.execute("DELETE FROM payments WHERE reversed_at IS NOT NULL")
    op.execute(
        "CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON payments"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_money()"
    )
    for function in ("count_reversal", "refuse_change_of_payment"):
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_index("uq_payments_voucher", table_name="payments")
    op.create_unique_constraint(
        op.f("uq_payments_project_id_source_voucher"),
        "payments",
        ["project_id", "source", "voucher"],
    )
    op.drop_column("payments", "reversed_at")
