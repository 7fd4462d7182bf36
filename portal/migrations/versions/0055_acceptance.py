"""Acceptance as examinations with documents, money and experts; applications; yearly reports; what the
registry is searched by."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

STATES = (
    "signing",
    "active",
    "lapsed",
    "accepted",
    "suspended",
    "stopped",
    "terminated",
    "revoked",
)
MOMENT = sa.DateTime(timezone=True)
YUAN, QUANTITY = sa.Numeric(16, 2), sa.Numeric(20, 6)
VERDICTS = ("met", "partly", "not_met")
CONCLUSIONS = ("pass", "rework", "fail")
SOURCES = ("city", "district", "enterprise", "social")
FILL = """
UPDATE registry_entries e SET cluster = u.slug, district = u.district, link = c.chain_stage,
    year = extract(year FROM coalesce(p.accepted_at, e.entered_at) AT TIME ZONE 'Asia/Shanghai'),
    words = finding_words(concat_ws(' ', e.snapshot ->> 'code', e.snapshot ->> 'title',
        e.snapshot ->> 'lead', e.snapshot ->> 'site', e.snapshot ->> 'owner', e.snapshot ->> 'use',
        e.snapshot ->> 'problem', e.snapshot ->> 'solution', e.snapshot ->> 'effect',
        e.snapshot ->> 'partners'))
FROM projects p JOIN challenges c ON c.id = p.challenge_id
    JOIN calls l ON l.id = c.call_id JOIN clusters u ON u.id = l.cluster_id
WHERE p.id = e.project_id
"""
PLAN = """
INSERT INTO follow_ups (id, project_id, year, due_at)
SELECT gen_random_uuid(), p.id, year,
    (p.accepted_at AT TIME ZONE 'Asia/Shanghai' + make_interval(years => year))
        AT TIME ZONE 'Asia/Shanghai'
FROM projects p, generate_series(1, 3) AS year WHERE 'accepted' = p.state
"""


def _kind(name: str, *values: str) -> sa.Enum:
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


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _check(table: str, name: str, holds: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(holds, name=op.f(f"ck_{table}_{name}"))


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _words(name: str, kind: Any = None) -> sa.Column[Any]:
    return sa.Column(name, kind or sa.Text(), nullable=False)


def _moment(name: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """Seven tables around acceptance, three of applications, two of follow-ups; a failed project."""
    _project_states(*STATES, "failed")
    _indicators()
    _acceptances()
    _parts_of_acceptances()
    _experts()
    _applications()
    _follow_ups()
    _registry()


def _project_states(*states: str) -> None:
    told = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint("project_state", "projects", type_="check")
    op.create_check_constraint("project_state", "projects", f"state IN ({told})")


def _indicators() -> None:
    table = "contract_indicators"
    op.add_column(table, sa.Column("verdict", sa.String(32), nullable=True))
    told = ", ".join(f"'{verdict}'" for verdict in VERDICTS)
    op.create_check_constraint("indicator_verdict", table, f"verdict IN ({told})")
    op.add_column(table, sa.Column("tester", sa.String(200), nullable=False, server_default=""))
    op.alter_column(table, "tester", server_default=None)
    op.add_column(table, sa.Column("tested_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE contract_indicators SET verdict = CASE WHEN met THEN 'met' ELSE 'not_met' END"
        " WHERE met IS NOT NULL"
    )


def _acceptances() -> None:
    table = "acceptances"
    concluded = "(state IN ('passed', 'rework', 'failed')) = (concluded_at IS NOT NULL)"
    states = ("requested", "returned", "examined", "passed", "rework", "failed")
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "project_id", "projects"),
        _number("attempt"),
        sa.Column("state", _kind("acceptance_state", *states), nullable=False),
        _words("summary"),
        _words("tester", sa.String(200)),
        _moment("requested_at", nullable=False),
        *_reference(table, "requested_by", "people"),
        _words("missing"),
        _moment("examined_at"),
        sa.Column("joint", _kind("joint_conclusion", *CONCLUSIONS), nullable=True),
        _words("joint_words"),
        _moment("joint_at"),
        _words("conclusion"),
        _words("consequences"),
        _moment("again_by"),
        _moment("reminded_at"),
        _moment("concluded_at"),
        *_reference(table, "concluded_by", "people", nullable=True),
        sa.Column("certificate", postgresql.JSONB(), nullable=True),
        sa.Column("fingerprint", sa.String(64), nullable=True),
        _unique(table, "project_id", "attempt"),
        _unique(table, "fingerprint"),
        _check(table, "twice_at_most", "attempt IN (1, 2)"),
        _check(table, "improved_once", "state <> 'rework' OR attempt = 1"),
        _check(table, "rework_has_its_date", "state <> 'rework' OR again_by IS NOT NULL"),
        _check(table, "concluded_has_its_date", concluded),
        _check(table, "certified_if_passed", "(state = 'passed') = (fingerprint IS NOT NULL)"),
    )
    op.create_index(
        "uq_acceptances_open",
        table,
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'returned', 'examined')"),
    )


def _parts_of_acceptances() -> None:
    table = "acceptance_claims"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "acceptance_id", "acceptances"),
        *_reference(table, "indicator_id", "contract_indicators"),
        _number("position"),
        sa.Column("value", QUANTITY, nullable=True),
        sa.Column("verdict", _kind("claim_verdict", *VERDICTS), nullable=False),
        _words("words"),
        _unique(table, "acceptance_id", "indicator_id"),
    )
    table = "acceptance_papers"
    kinds = ("technical", "test", "user", "finance", "deliverables")
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "acceptance_id", "acceptances"),
        sa.Column("kind", _kind("paper_kind", *kinds), nullable=False),
        *_reference(table, "file_id", "stored_files"),
        _unique(table, "acceptance_id", "kind"),
    )
    _index(table, "file_id")
    table = "statement_lines"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "acceptance_id", "acceptances"),
        sa.Column("source", _kind("statement_source", *SOURCES), nullable=False),
        *(sa.Column(name, YUAN, nullable=False) for name in ("planned", "received", "spent")),
        _words("voucher", sa.String(100)),
        _moment("returned_at"),
        _unique(table, "acceptance_id", "source"),
        _check(table, "spent_within_received", "spent >= 0 AND spent <= received"),
        _check(table, "returned_by_voucher", "(voucher <> '') = (returned_at IS NOT NULL)"),
    )


def _experts() -> None:
    table = "acceptance_experts"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "acceptance_id", "acceptances"),
        *_reference(table, "reviewer_id", "reviewers"),
        _number("position"),
        sa.Column("is_chair", sa.Boolean(), nullable=False),
        _moment("named_at", nullable=False),
        sa.Column("opinion", _kind("expert_conclusion", *CONCLUSIONS), nullable=True),
        _words("words"),
        _moment("given_at"),
        _moment("left_at"),
        _unique(table, "acceptance_id", "reviewer_id"),
        _check(table, "opinion_has_its_date", "(opinion IS NULL) = (given_at IS NULL)"),
        _check(table, "no_opinion_of_who_left", "left_at IS NULL OR opinion IS NULL"),
    )
    _index(table, "reviewer_id")
    op.create_index(
        "uq_acceptance_experts_chair",
        table,
        ["acceptance_id"],
        unique=True,
        postgresql_where=sa.text("is_chair AND left_at IS NULL"),
    )


def _applications() -> None:
    table = "applications"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "project_id", "projects"),
        _words("site", sa.String(200)),
        _words("used_by", sa.String(200)),
        sa.Column("since", sa.Date(), nullable=False),
        _words("replicable"),
        _words("orders"),
        _moment("recorded_at", nullable=False),
        *_reference(table, "recorded_by", "people"),
        _unique(table, "project_id"),
    )
    table = "application_effects"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "application_id", "applications"),
        _number("position"),
        _words("name", sa.String(200)),
        sa.Column("before", QUANTITY, nullable=False),
        sa.Column("after", QUANTITY, nullable=False),
        _words("unit", sa.String(40)),
        _unique(table, "application_id", "position"),
    )
    table = "application_photos"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "application_id", "applications"),
        _number("position"),
        *_reference(table, "file_id", "stored_files"),
        _words("caption", sa.String(200)),
    )
    _index(table, "application_id")
    _index(table, "file_id")


def _follow_ups() -> None:
    table = "follow_ups"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "project_id", "projects"),
        _number("year"),
        _moment("due_at", nullable=False),
        *(_moment(name) for name in ("reminded_at", "warned_at", "reported_at")),
        _unique(table, "project_id", "year"),
        _check(table, "three_years", "year BETWEEN 1 AND 3"),
    )
    op.execute(PLAN)
    op.create_index(
        "ix_follow_ups_open",
        table,
        ["due_at"],
        postgresql_where=sa.text("reported_at IS NULL"),
    )
    table = "follow_up_reports"
    counts = ("patents", "jobs", "sites")
    positive = " AND ".join(f"{name} >= 0" for name in ("revenue", "investment", *counts))
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "follow_up_id", "follow_ups"),
        _number("number"),
        sa.Column("revenue", YUAN, nullable=False),
        sa.Column("investment", YUAN, nullable=False),
        *(_number(name) for name in counts),
        _words("words"),
        _words("reason"),
        _moment("reported_at", nullable=False),
        *_reference(table, "reported_by", "people"),
        _unique(table, "follow_up_id", "number"),
        _check(table, "corrected_with_a_reason", "number = 1 OR reason <> ''"),
        _check(table, "never_negative", positive),
    )


def _registry() -> None:
    table = "registry_entries"
    for name, kind in (
        ("cluster", sa.String(60)),
        ("district", sa.String(40)),
        ("link", sa.String(200)),
        ("year", sa.BigInteger()),
        ("words", postgresql.TSVECTOR()),
    ):
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute(FILL)
    for name in ("cluster", "district", "link", "year", "words"):
        op.alter_column(table, name, nullable=False)
    op.create_index("ix_registry_entries_newest", table, ["entered_at", "id"])
    op.create_index(
        "ix_registry_entries_words",
        table,
        ["words"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def downgrade() -> None:
    """What was examined and reported is lost; projects that failed count as under way."""
    op.drop_index("ix_registry_entries_words", "registry_entries")
    op.drop_index("ix_registry_entries_newest", "registry_entries")
    for name in ("words", "year", "link", "district", "cluster"):
        op.drop_column("registry_entries", name)
    for table in (
        "follow_up_reports",
        "follow_ups",
        "application_photos",
        "application_effects",
        "applications",
        "acceptance_experts",
        "statement_lines",
        "acceptance_papers",
        "acceptance_claims",
        "acceptances",
    ):
        op.drop_table(table)
    op.drop_constraint("indicator_verdict", "contract_indicators", type_="check")
    for name in ("tested_on", "tester", "verdict"):
        op.drop_column("contract_indicators", name)
    op.execute("UPDATE projects SET state = 'active' WHERE state = 'failed'")
    _project_states(*STATES)
