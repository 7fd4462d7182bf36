"""Custodians who come to the opening apart, shares that are lost, bids handed in again or set aside."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BEFORE = [
    "draft",
    "submitted",
    "withdrawn",
    "opened",
    "correcting",
    "eligible",
    "rejected",
    "contested",
]
BEFORE += ["won", "lost"]


def _states(states: list[str]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint("bid_state", "bids", type_="check")
    op.create_check_constraint("bid_state", "bids", f"state IN ({listed})")


def _state(name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column("state", kind, nullable=False)


def _key(table: str) -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _reference(
    table: str, column: str, target: str, nullable: bool = False, ondelete: str | None = None
) -> list[Any]:
    """A column that names a row of another table."""
    name = op.f(f"fk_{table}_{column}_{target}")
    return [
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete),
    ]


def _check(table: str, name: str, text: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(text, name=op.f(f"ck_{table}_{name}"))


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _one(table: str, name: str, column: str, where: str) -> None:
    """One row of a thing while the condition holds."""
    op.create_index(
        f"uq_{table}_{name}", table, [column], unique=True, postgresql_where=sa.text(where)
    )


def upgrade() -> None:
    """Four tables and one state more."""
    _states([*BEFORE, "set_aside"])
    _gatherings()
    _losses()
    _set_asides()
    _returns()


def _gatherings() -> None:
    table = "bid_gatherings"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "challenge_id", "challenges", ondelete="CASCADE"),
        _state("gathering_state", "open", "met", "cancelled", "lapsed"),
        *_reference(table, "begun_by", "people"),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("holder", sa.BigInteger(), nullable=True),
        sa.Column("came_at", MOMENT, nullable=True),
        sa.Column("locked_left", sa.LargeBinary(), nullable=True),
        _check(table, "nothing_left_behind", "state = 'open' OR locked_left IS NULL"),
        _check(table, "came_whole", "(holder IS NULL) = (came_at IS NULL)"),
        _check(table, "ends_after_beginning", "ends_at > begun_at"),
        _check(table, "holder_in_range", "holder BETWEEN 1 AND 3"),
    )
    _index(table, "challenge_id")
    _one(table, "open", "challenge_id", "state = 'open'")


def _losses() -> None:
    table = "share_losses"
    states = "declared", "confirmed", "dismissed", "taken_back", "concluded"
    confirmed = "state IN ('confirmed', 'concluded')"
    other = "state NOT IN ('confirmed', 'concluded') OR decided_by <> declared_by"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "challenge_id", "challenges", ondelete="CASCADE"),
        _state("loss_state", *states),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        *_reference(table, "declared_by", "people"),
        sa.Column("declared_at", MOMENT, nullable=False),
        *_reference(table, "decided_by", "people", nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("concluded_at", MOMENT, nullable=True),
        _check(table, "confirmed_has_date", f"(until IS NOT NULL) = ({confirmed})"),
        _check(table, "another_person_confirms", other),
        _check(table, "decided_whole", "(decided_by IS NULL) = (decided_at IS NULL)"),
    )
    _index(table, "challenge_id")
    _one(table, "standing", "challenge_id", "state IN ('declared', 'confirmed')")


def _set_asides() -> None:
    table = "bid_set_asides"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "bid_id", "bids"),
        sa.Column("reason", sa.Text(), nullable=False),
        *_reference(table, "decided_by", "people", nullable=True),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("objection", sa.Text(), nullable=False),
        *_reference(table, "objected_by", "people", nullable=True),
        sa.Column("objected_at", MOMENT, nullable=True),
        *_reference(table, "answered_by", "people", nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        _check(table, "answered_with_outcome", "(answered_at IS NULL) = (upheld IS NULL)"),
        _check(table, "objection_first", "answered_at IS NULL OR objected_at IS NOT NULL"),
        _check(table, "another_officer_answers", "answered_by <> decided_by"),
    )
    _index(table, "bid_id")
    _one(table, "standing", "bid_id", "upheld IS NOT TRUE")


def _returns() -> None:
    table = "bid_returns"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "version_id", "bid_versions"),
        *_reference(table, "begun_by", "people"),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("locked", sa.LargeBinary(), nullable=True),
        _check(table, "kept_until_finished", "(finished_at IS NULL) = (locked IS NOT NULL)"),
        sa.UniqueConstraint("version_id", name=op.f("uq_bid_returns_version_id")),
    )


def downgrade() -> None:
    """What was set aside is sealed as before."""
    for table in ("bid_returns", "bid_set_asides", "share_losses", "bid_gatherings"):
        op.drop_table(table)
    op.execute("UPDATE bids SET state = 'submitted' WHERE state = 'set_aside'")
    _states(BEFORE)
