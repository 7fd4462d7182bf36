"""What is said of milestones: values, site visits, opinions of experts, rework, failure, reminders."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "'planned', 'reported', 'accepted'"


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
    """A milestone can be reworked once, fail, and be passed over."""
    _states("milestones", "milestone_state", f"{STATES}, 'rework', 'failed', 'passed_over'")
    for name, kind, default in (
        ("shows", postgresql.JSONB(), "[]"),
        ("draft", postgresql.JSONB(), "{}"),
        ("draft_revision", sa.BigInteger(), "0"),
    ):
        op.add_column("milestones", sa.Column(name, kind, server_default=default, nullable=False))
    for name in ("draft_at", "rework_until", "failed_at"):
        op.add_column("milestones", sa.Column(name, MOMENT, nullable=True))
    op.create_check_constraint(
        "rework_has_its_date", "milestones", "state <> 'rework' OR rework_until IS NOT NULL"
    )
    _values()
    _visits()
    _opinions()
    table = "milestone_reminders"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "milestone_id", "milestones"),
        sa.Column(
            "kind", _words("milestone_reminder_kind", "soon", "late", "examine"), nullable=False
        ),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint(
            "milestone_id", "kind", "due_at", name=op.f(f"uq_{table}_milestone_id_kind_due_at")
        ),
    )


def _values() -> None:
    table = "milestone_values"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "milestone_id", "milestones"),
        *_reference(table, "indicator_id", "contract_indicators"),
        sa.Column("value", sa.Numeric(20, 6), nullable=True),
        sa.Column("how", sa.Text(), nullable=False),
        *_reference(table, "file_id", "stored_files", nullable=True),
        sa.UniqueConstraint(
            "milestone_id", "indicator_id", name=op.f(f"uq_{table}_milestone_id_indicator_id")
        ),
    )
    _index(table, "indicator_id")
    _index(table, "file_id")


def _visits() -> None:
    table = "site_visits"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "milestone_id", "milestones"),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        *_reference(table, "recorded_by", "people"),
        sa.Column("recorded_at", MOMENT, nullable=False),
    )
    _index(table, "milestone_id")
    table = "visit_photographs"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "visit_id", "site_visits"),
        *_reference(table, "file_id", "stored_files"),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
    _index(table, "visit_id")
    _index(table, "file_id")


def _opinions() -> None:
    table = "milestone_opinions"
    states = _words("milestone_opinion_state", "asked", "given", "declined", "withdrawn")
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "milestone_id", "milestones"),
        *_reference(table, "reviewer_id", "reviewers"),
        sa.Column("state", states, nullable=False),
        *_reference(table, "asked_by", "people"),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("verdict", _words("milestone_verdict", "pass", "rework", "fail"), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(state = 'given') = (verdict IS NOT NULL)",
            name=op.f(f"ck_{table}_given_has_its_verdict"),
        ),
        sa.UniqueConstraint(
            "milestone_id", "reviewer_id", name=op.f(f"uq_{table}_milestone_id_reviewer_id")
        ),
    )
    _index(table, "reviewer_id")


def downgrade() -> None:
    """Whatever is not reported or accepted counts as planned again."""
    for table in (
        "milestone_reminders",
        "milestone_opinions",
        "visit_photographs",
        "site_visits",
        "milestone_values",
    ):
        op.drop_table(table)
    op.drop_constraint("rework_has_its_date", "milestones", type_="check")
    op.execute(
        "UPDATE milestones SET state = 'planned' WHERE state IN ('rework', 'failed', 'passed_over')"
    )
    _states("milestones", "milestone_state", STATES)
    for name in ("shows", "draft", "draft_revision", "draft_at", "rework_until", "failed_at"):
        op.drop_column("milestones", name)
