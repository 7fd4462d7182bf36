"""Payments with vouchers, and the team's own money with evidence."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
YUAN = sa.Numeric(16, 2)
SOURCES = ("city", "district", "enterprise", "social")
TRANCHES = "'planned', 'due', 'paid'"

GATE = """
CREATE FUNCTION refuse_early_tranche() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state NOT IN ('due', 'paid') THEN RETURN NEW; END IF;
    IF NEW.milestone_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM milestones WHERE id = NEW.milestone_id AND state = 'accepted')
    OR NEW.milestone_id IS NULL AND EXISTS (
        SELECT FROM projects WHERE id = NEW.project_id AND state IN ('signing', 'lapsed')) THEN
        RAISE EXCEPTION 'the gate of this tranche is closed' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_tranches_due_at_its_gate';
    END IF;
    RETURN NEW;
END $$
"""
PAY = """
CREATE FUNCTION count_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    project projects%ROWTYPE;
    tranche tranches%ROWTYPE;
    public numeric; public_paid numeric; own numeric; own_received numeric;
BEGIN
    -- Payments of a project wait for each other, whoever writes them.
    SELECT * INTO project FROM projects WHERE id = NEW.project_id FOR NO KEY UPDATE;
    SELECT * INTO tranche FROM tranches WHERE id = NEW.tranche_id FOR NO KEY UPDATE;
    -- Some states of a project are of later migrations.
    IF tranche.state <> 'due' OR project.state IN
        ('signing', 'lapsed', 'suspended', 'terminated', 'failed') THEN
        RAISE EXCEPTION 'this tranche is not due' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_payments_at_its_gate';
    END IF;
    UPDATE tranches SET paid = paid + NEW.amount WHERE id = NEW.tranche_id;
    UPDATE project_funds SET paid = paid + NEW.amount
        WHERE project_id = NEW.project_id AND source = NEW.source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the contract has no such source' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_payments_from_a_source';
    END IF;
    SELECT coalesce(sum(amount) FILTER (WHERE source IN ('city', 'district')), 0),
           coalesce(sum(paid) FILTER (WHERE source IN ('city', 'district')), 0),
           coalesce(sum(amount) FILTER (WHERE source IN ('enterprise', 'social')), 0),
           coalesce(sum(paid) FILTER (WHERE source IN ('enterprise', 'social')), 0)
        INTO public, public_paid, own, own_received
        FROM project_funds WHERE project_id = NEW.project_id;
    IF own > 0 AND public_paid * 100 * own
        > public * (project.public_ahead * own + (100 - project.public_ahead) * own_received) THEN
        RAISE EXCEPTION 'the own money is not there yet' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_payments_after_own_money';
    END IF;
    RETURN NULL;
END $$
"""
RECEIVE = """
CREATE FUNCTION count_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'confirmed' THEN RETURN NULL; END IF;
    UPDATE project_funds SET paid = paid + NEW.amount
        WHERE project_id = NEW.project_id AND source = NEW.source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the contract has no such source' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_receipts_of_own_money_from_a_source';
    END IF;
    RETURN NULL;
END $$
"""
KEPT = """
CREATE FUNCTION refuse_change_of_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was paid and received is kept' USING ERRCODE = 'check_violation',
        CONSTRAINT = 'ck_money_kept';
END $$
"""
SUMS = """
CREATE FUNCTION refuse_other_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What was paid is summed up by the triggers of payments and receipts, and by nobody else.
    IF pg_trigger_depth() = 1 AND (TG_OP = 'INSERT' AND NEW.paid <> 0
                                   OR TG_OP = 'UPDATE' AND NEW.paid <> OLD.paid) THEN
        RAISE EXCEPTION 'only payments change what was paid' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_' || TG_TABLE_NAME || '_sums_of_payments';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = (
    "CREATE TRIGGER summed BEFORE INSERT OR UPDATE OF paid ON tranches"
    " FOR EACH ROW EXECUTE FUNCTION refuse_other_sums()",
    "CREATE TRIGGER summed BEFORE INSERT OR UPDATE OF paid ON project_funds"
    " FOR EACH ROW EXECUTE FUNCTION refuse_other_sums()",
    "CREATE TRIGGER at_its_gate BEFORE INSERT OR UPDATE OF state, milestone_id ON tranches"
    " FOR EACH ROW EXECUTE FUNCTION refuse_early_tranche()",
    "CREATE TRIGGER counted AFTER INSERT ON payments FOR EACH ROW EXECUTE FUNCTION count_payment()",
    "CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON payments"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_money()",
    "CREATE TRIGGER counted AFTER INSERT OR UPDATE ON receipts_of_own_money"
    " FOR EACH ROW EXECUTE FUNCTION count_receipt()",
    "CREATE TRIGGER kept BEFORE UPDATE ON receipts_of_own_money"
    " FOR EACH ROW WHEN (OLD.state <> 'reported')"
    " EXECUTE FUNCTION refuse_change_of_money()",
    "CREATE TRIGGER kept_whole BEFORE DELETE ON receipts_of_own_money"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_money()",
)


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _key(table: str) -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _reference(table: str, column: str, target: str, nullable: bool = False) -> list[Any]:
    name = op.f(f"fk_{table}_{column}_{target}")
    return [
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    ]


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _states(table: str, name: str, states: str) -> None:
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"state IN ({states})")


def upgrade() -> None:
    """Old payments and own money are carried over; their vouchers were numbers only."""
    op.add_column("projects", sa.Column("public_ahead", sa.BigInteger(), server_default="100"))
    op.alter_column("projects", "public_ahead", nullable=False)
    op.create_check_constraint(
        "public_ahead_in_percent", "projects", "public_ahead BETWEEN 0 AND 100"
    )
    _tranches()
    _payments()
    _receipts()
    for statement in (GATE, PAY, RECEIVE, KEPT, SUMS, *TRIGGERS):
        op.execute(statement)


def _tranches() -> None:
    _states("tranches", "tranche_state", f"{TRANCHES}, 'blocked'")
    op.alter_column("tranches", "milestone_id", nullable=True)
    op.add_column("tranches", sa.Column("paid", YUAN, server_default="0", nullable=False))
    for name in ("due_at", "reminded_at"):
        op.add_column("tranches", sa.Column(name, MOMENT, nullable=True))
    op.execute(
        "UPDATE tranches SET due_at = milestones.accepted_at FROM milestones"
        " WHERE milestones.id = tranches.milestone_id AND tranches.state <> 'planned'"
    )
    op.execute("UPDATE tranches SET paid = amount WHERE state = 'paid'")
    op.create_unique_constraint(
        op.f("uq_tranches_id_project_id_source"), "tranches", ["id", "project_id", "source"]
    )
    for name, rule in (
        ("paid_within_amount", "paid >= 0 AND paid <= amount"),
        ("paid_in_full", "state <> 'paid' OR paid = amount"),
        ("paid_at_its_gate", "paid = 0 OR state IN ('due', 'paid', 'blocked')"),
    ):
        op.create_check_constraint(name, "tranches", rule)


def _payments() -> None:
    table = "payments"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "project_id", "projects"),
        sa.Column("tranche_id", sa.Uuid(), nullable=False),
        sa.Column("source", _words("payment_source", *SOURCES), nullable=False),
        sa.Column("amount", YUAN, nullable=False),
        sa.Column("voucher", sa.String(100), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        *_reference(table, "file_id", "stored_files", nullable=True),
        *_reference(table, "recorded_by", "people", nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tranche_id", "project_id", "source"],
            ["tranches.id", "tranches.project_id", "tranches.source"],
            name="fk_payments_tranche",
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_amount_positive")),
        sa.CheckConstraint("voucher <> ''", name=op.f("ck_payments_has_its_voucher")),
        sa.UniqueConstraint(
            "project_id", "source", "voucher", name=op.f("uq_payments_project_id_source_voucher")
        ),
    )
    _index(table, "tranche_id")
    _index(table, "file_id")
    op.execute(
        "INSERT INTO payments (id, project_id, tranche_id, source, amount, voucher, paid_on,"
        " recorded_by, recorded_at) SELECT gen_random_uuid(), project_id, id, source, amount,"
        " voucher, (paid_at AT TIME ZONE 'Asia/Shanghai')::date, paid_by, paid_at"
        " FROM tranches WHERE state = 'paid'"
    )
    op.drop_index("uq_tranches_voucher", "tranches")
    op.drop_constraint("paid_has_its_voucher", "tranches", type_="check")
    op.drop_column("tranches", "voucher")
    op.drop_column("tranches", "paid_by")


def _receipts() -> None:
    table = "receipts_of_own_money"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "project_id", "projects"),
        sa.Column("source", _words("receipt_source", *SOURCES), nullable=False),
        sa.Column("amount", YUAN, nullable=False),
        sa.Column("document", sa.String(100), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        *_reference(table, "file_id", "stored_files", nullable=True),
        sa.Column(
            "state", _words("receipt_state", "reported", "confirmed", "refused"), nullable=False
        ),
        *_reference(table, "recorded_by", "people", nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        *_reference(table, "decided_by", "people", nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f(f"ck_{table}_amount_positive")),
        sa.CheckConstraint(
            "source IN ('enterprise', 'social')", name=op.f(f"ck_{table}_of_own_source")
        ),
        sa.CheckConstraint(
            "(state = 'reported') = (decided_at IS NULL)",
            name=op.f(f"ck_{table}_decided_has_its_date"),
        ),
        sa.CheckConstraint(
            "decided_by <> recorded_by", name=op.f(f"ck_{table}_confirmed_by_another")
        ),
    )
    _index(table, "project_id")
    _index(table, "file_id")
    op.create_index(
        f"uq_{table}_document",
        table,
        ["project_id", "source", "document"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.execute(
        "INSERT INTO receipts_of_own_money (id, project_id, source, amount, document, received_on, state,"
        " recorded_at, answer, decided_at) SELECT gen_random_uuid(), project_id, source, paid,"
        " '—', portal_now()::date, 'confirmed', portal_now(), '', portal_now()"
        " FROM project_funds WHERE source IN ('enterprise', 'social') AND paid > 0"
    )


def downgrade() -> None:
    """A tranche keeps the number of its last voucher; what was paid of it in part is forgotten."""
    for name, table in (
        ("summed", "tranches"),
        ("summed", "project_funds"),
        ("at_its_gate", "tranches"),
        ("counted", "payments"),
        ("kept", "payments"),
        ("counted", "receipts_of_own_money"),
        ("kept", "receipts_of_own_money"),
        ("kept_whole", "receipts_of_own_money"),
    ):
        op.execute(f"DROP TRIGGER {name} ON {table}")
    functions = ("refuse_early_tranche", "count_payment", "count_receipt", "refuse_change_of_money")
    op.execute("DROP FUNCTION refuse_other_sums()")
    for function in functions:
        op.execute(f"DROP FUNCTION {function}()")
    _old_tranches()
    op.drop_table("payments")
    op.drop_table("receipts_of_own_money")
    op.drop_constraint("public_ahead_in_percent", "projects", type_="check")
    op.drop_column("projects", "public_ahead")


def _old_tranches() -> None:
    op.add_column(
        "tranches", sa.Column("voucher", sa.String(100), server_default="", nullable=False)
    )
    op.add_column("tranches", sa.Column("paid_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_tranches_paid_by_people"), "tranches", "people", ["paid_by"], ["id"]
    )
    op.execute(
        "UPDATE tranches SET voucher = last.voucher, paid_by = last.recorded_by FROM"
        " (SELECT DISTINCT ON (tranche_id) tranche_id, voucher, recorded_by FROM payments"
        " ORDER BY tranche_id, recorded_at DESC) AS last"
        " WHERE last.tranche_id = tranches.id AND tranches.state IN ('paid')"
    )
    op.alter_column("tranches", "voucher", server_default=None)
    for name in ("paid_within_amount", "paid_in_full", "paid_at_its_gate"):
        op.drop_constraint(name, "tranches", type_="check")
    op.create_check_constraint(
        "paid_has_its_voucher", "tranches", "(state = 'paid') = (voucher <> '')"
    )
    op.create_index(
        "uq_tranches_voucher",
        "tranches",
        ["project_id", "source", "voucher"],
        unique=True,
        postgresql_where=sa.text("voucher <> ''"),
    )
    op.drop_constraint(op.f("fk_payments_tranche"), "payments", type_="foreignkey")
    op.drop_constraint(op.f("uq_tranches_id_project_id_source"), "tranches", type_="unique")
    op.execute("DELETE FROM tranches WHERE milestone_id IS NULL")
    op.execute("UPDATE tranches SET state = 'planned' WHERE state = 'blocked'")
    _states("tranches", "tranche_state", TRANCHES)
    op.alter_column("tranches", "milestone_id", nullable=False)
    for name in ("paid", "due_at", "reminded_at"):
        op.drop_column("tranches", name)
