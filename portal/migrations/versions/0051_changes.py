"""Breaches of trust, changes of a contract, early endings with claims, and the gates of races."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

YUAN = sa.Numeric(16, 2)
SOURCES = ("city", "district", "enterprise", "social")
PROJECTS = "'signing', 'active', 'lapsed', 'accepted'"
ENDED = "'suspended', 'stopped', 'terminated', 'revoked'"
TRANCHES = "'planned', 'due', 'paid', 'blocked'"
TABLES = (
    "lane_decisions",
    "race_gates",
    "money_back",
    "claw_backs",
    "endings",
    "suspensions",
    "change_papers",
    "change_answers",
    "changes",
    "integrity_records",
)


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _reference(table: str, column: str, target: str, nullable: bool = False) -> list[Any]:
    name = op.f(f"fk_{table}_{column}_{target}")
    return [
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    ]


def _texts(*names: str) -> list[Any]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _moments(*names: str, nullable: bool = False) -> list[Any]:
    kind = sa.DateTime(timezone=True)
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _sums(*names: str) -> list[Any]:
    return [sa.Column(name, YUAN, nullable=False) for name in names]


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _create(table: str, *columns: Any) -> None:
    key = sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))
    op.create_table(table, sa.Column("id", sa.Uuid(), nullable=False), key, *columns)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _partial(name: str, table: str, columns: list[str], where: str, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, postgresql_where=sa.text(where))


def _states(table: str, name: str, states: str) -> None:
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"state IN ({states})")


def _paid_states(states: str) -> None:
    op.drop_constraint("paid_at_its_gate", "tranches", type_="check")
    op.create_check_constraint("paid_at_its_gate", "tranches", f"paid = 0 OR state IN ({states})")


def upgrade() -> None:
    """Ten tables, four states of projects and one of tranches."""
    _states("projects", "project_state", f"{PROJECTS}, {ENDED}")
    _states("tranches", "tranche_state", f"{TRANCHES}, 'cancelled'")
    _paid_states("'due', 'paid', 'blocked', 'cancelled'")
    _integrity()
    _changes()
    _endings()
    _claims()
    _races()


def _integrity() -> None:
    table = "integrity_records"
    states = ("hearing", "answered", "standing", "dropped", "lifted")
    grounds = ("false_papers", "misuse", "given_up", "unpaid", "other")
    _create(
        table,
        *_reference(table, "organisation_id", "organisations"),
        sa.Column("grounds", _words("integrity_grounds", *grounds), nullable=False),
        *_texts("reason"),
        sa.Column("about", sa.String(300), nullable=False),
        sa.Column("link", sa.String(200), nullable=False),
        sa.Column("state", _words("integrity_state", *states), nullable=False),
        *_reference(table, "file_id", "stored_files", nullable=True),
        *_reference(table, "office_id", "organisations"),
        *_reference(table, "proposed_by", "people"),
        *_moments("proposed_at", "answer_by"),
        *_texts("answer"),
        *_reference(table, "answer_file_id", "stored_files", nullable=True),
        *_reference(table, "answered_by", "people", nullable=True),
        *_moments("answered_at", nullable=True),
        *_texts("decision"),
        *_reference(table, "decided_by", "people", nullable=True),
        *_moments("decided_at", "starts_at", "ends_at", nullable=True),
        _check(table, "decided_by_another", "decided_by <> proposed_by"),
        _check(
            table,
            "standing_has_its_period",
            "state NOT IN ('standing', 'lifted') OR (starts_at IS NOT NULL AND ends_at > starts_at)",
        ),
        _check(
            table,
            "decided_has_its_date",
            "state IN ('hearing', 'answered') OR decided_at IS NOT NULL",
        ),
    )
    _index(table, "file_id", "office_id", "answer_file_id")
    op.create_index("ix_integrity_records_newest", table, ["organisation_id", "proposed_at"])
    where = "state = 'standing'"
    _partial("ix_integrity_records_standing", table, ["organisation_id"], where)


def _changes() -> None:
    table, waits = "changes", "state = 'requested'"
    kinds = ("time", "people", "partner", "budget", "sources", "indicator")
    states = ("requested", "granted", "refused", "withdrawn")
    _create(
        table,
        *_reference(table, "project_id", "projects"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", _words("change_kind", *kinds), nullable=False),
        sa.Column("state", _words("change_state", *states), nullable=False),
        *_texts("reason"),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        *_reference(table, "requested_by", "people"),
        *_moments("requested_at"),
        *_reference(table, "expert_id", "reviewers", nullable=True),
        *_moments("decided_at", nullable=True),
        sa.Column("contract_number", sa.BigInteger(), nullable=True),
        _unique(table, "project_id", "number"),
        _check(table, "decided_has_its_date", "(state = 'requested') = (decided_at IS NULL)"),
    )
    _index(table, "expert_id")
    _partial("uq_changes_waiting", table, ["project_id", "kind"], waits, unique=True)
    extended = "kind = 'time' AND state = 'granted'"
    _partial("uq_changes_extended", table, ["project_id"], extended, unique=True)
    _partial("ix_changes_open", table, ["requested_at"], waits)
    voices = ("expert", "issuer", "city", "district")
    _create(
        "change_answers",
        *_reference("change_answers", "change_id", "changes"),
        sa.Column("voice", _words("change_voice", *voices), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        *_texts("words"),
        *_reference("change_answers", "given_by", "people"),
        *_moments("given_at"),
        _unique("change_answers", "change_id", "voice"),
    )
    _create(
        "change_papers",
        *_reference("change_papers", "change_id", "changes"),
        *_reference("change_papers", "file_id", "stored_files"),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
    _index("change_papers", "change_id", "file_id")


def _endings() -> None:
    table = "suspensions"
    _create(
        table,
        *_reference(table, "project_id", "projects"),
        *_texts("reason"),
        *_reference(table, "begun_by", "people"),
        *_moments("begun_at"),
        *_texts("answer"),
        *_reference(table, "ended_by", "people", nullable=True),
        *_moments("ended_at", nullable=True),
    )
    _index(table, "project_id")
    _partial("uq_suspensions_open", table, ["project_id"], "ended_at IS NULL", unique=True)
    table = "endings"
    causes = ("honest_failure", "market", "scenario", "money", "team", "force_majeure")
    _create(
        table,
        *_reference(table, "project_id", "projects"),
        sa.Column("kind", _words("ending_kind", "termination", "revocation"), nullable=False),
        sa.Column(
            "cause", _words("ending_cause", *causes, "not_started", "breach"), nullable=False
        ),
        *_texts("reason"),
        sa.Column("charged", sa.Boolean(), nullable=False),
        *_sums("paid", "kept"),
        *_reference(table, "file_id", "stored_files", nullable=True),
        *_reference(table, "ended_by", "people"),
        *_moments("ended_at"),
        _unique(table, "project_id"),
        _check(table, "kept_within_paid", "kept >= 0 AND kept <= paid"),
    )
    _index(table, "file_id")


def _claims() -> None:
    table = "claw_backs"
    _create(
        table,
        *_reference(table, "ending_id", "endings"),
        sa.Column("source", _words("claw_back_source", *SOURCES), nullable=False),
        *_sums("principal", "interest"),
        sa.Column("due_on", sa.Date(), nullable=False),
        *_sums("received"),
        sa.Column("state", _words("claw_back_state", "open", "settled"), nullable=False),
        _unique(table, "ending_id", "source"),
        _check(table, "not_negative", "principal >= 0 AND interest >= 0"),
        _check(table, "something_is_claimed", "principal + interest > 0"),
        _check(
            table, "received_within_claim", "received >= 0 AND received <= principal + interest"
        ),
        _check(table, "settled_in_full", "(state = 'settled') = (received = principal + interest)"),
    )
    _partial("ix_claw_backs_open", table, ["due_on"], "state = 'open'")
    table = "money_back"
    _create(
        table,
        *_reference(table, "claw_back_id", "claw_backs"),
        *_sums("amount"),
        sa.Column("document", sa.String(100), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        *_reference(table, "file_id", "stored_files"),
        *_reference(table, "recorded_by", "people"),
        *_moments("recorded_at"),
        _unique(table, "claw_back_id", "document"),
        _check(table, "amount_positive", "amount > 0"),
    )
    _index(table, "file_id")


def _races() -> None:
    table = "race_gates"
    _create(
        table,
        *_reference(table, "challenge_id", "challenges"),
        sa.Column("milestone", sa.BigInteger(), nullable=False),
        *_moments("due_at"),
        sa.Column("survivors", sa.BigInteger(), nullable=False),
        *_texts("criteria"),
        sa.Column("state", _words("gate_state", "open", "held", "decided"), nullable=False),
        *_reference(table, "set_by", "people"),
        *_moments("set_at"),
        *_moments("decided_at", nullable=True),
        _unique(table, "challenge_id", "milestone"),
        _check(table, "somebody_goes_on", "survivors > 0"),
        _check(table, "decided_has_its_date", "(state = 'open') = (decided_at IS NULL)"),
    )
    _partial("uq_race_gates_open", table, ["challenge_id"], "state <> 'decided'", unique=True)
    table = "lane_decisions"
    outcomes = ("go_on", "stop", "hold", "merge")
    _create(
        table,
        *_reference(table, "gate_id", "race_gates"),
        *_reference(table, "project_id", "projects"),
        sa.Column("outcome", _words("lane_outcome", *outcomes), nullable=False),
        *_reference(table, "into_id", "projects", nullable=True),
        *_texts("reason"),
        *_reference(table, "decided_by", "people"),
        *_moments("decided_at"),
        _unique(table, "gate_id", "project_id", "decided_at"),
        _check(table, "merged_into_one", "(outcome = 'merge') = (into_id IS NOT NULL)"),
        _check(table, "not_into_itself", "into_id <> project_id"),
    )
    _index(table, "project_id")


def downgrade() -> None:
    """All of it is lost: projects that were suspended go on, those that ended count as lapsed."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("UPDATE tranches SET state = 'blocked' WHERE state = 'cancelled'")
    _paid_states("'due', 'paid', 'blocked'")
    _states("tranches", "tranche_state", TRANCHES)
    op.execute("UPDATE projects SET state = 'active' WHERE state = 'suspended'")
    op.execute(
        "UPDATE projects SET state = 'lapsed' WHERE state IN ('stopped', 'terminated', 'revoked')"
    )
    _states("projects", "project_state", PROJECTS)
