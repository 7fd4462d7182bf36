"""Rankings with advice and changes, votes, kept old scores, and disagreements."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = ("asked", "discussing", "widened", "settled", "lapsed")
KEPT = """
CREATE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a score was is kept' USING ERRCODE = 'check_violation',
        CONSTRAINT = 'ck_score_changes_kept';
END $$
"""


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


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _list(name: str) -> sa.Column[Any]:
    """A column of what older rows have none of."""
    return sa.Column(name, postgresql.JSONB(), server_default="[]", nullable=False)


def upgrade() -> None:
    """Columns beside what is there, four tables, and a trigger that keeps old scores."""
    op.add_column("rankings", sa.Column("advice", postgresql.JSONB(), nullable=True))
    for table, name in (("rankings", "changes"), ("ranking_places", "breaks")):
        op.add_column(table, _list(name))
        op.alter_column(table, name, server_default=None)
    op.add_column("ranking_places", sa.Column("votes", sa.BigInteger(), nullable=True))
    op.add_column("sheets", sa.Column("in_favour", sa.Boolean(), nullable=True))
    op.add_column("seats", sa.Column("only_bid_id", sa.Uuid(), nullable=True))
    name = op.f("fk_seats_only_bid_id_bids")
    op.create_foreign_key(name, "seats", "bids", ["only_bid_id"], ["id"])
    _score_changes()
    _disagreements()
    _parties()
    _messages()


def _score_changes() -> None:
    table = "score_changes"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "score_id", "scores"),
        sa.Column("old_points", sa.Numeric(5, 2), nullable=True),
        _text("old_reason"),
        _text("reason"),
        *_reference(table, "by", "people"),
        sa.Column("at", MOMENT, nullable=False),
    )
    _index(table, "score_id")
    op.execute(KEPT)
    op.execute(
        "CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON score_changes"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history()"
    )


def _disagreements() -> None:
    table = "disagreements"
    states = sa.Enum(
        *STATES, name="disagreement_state", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "round_id", "rounds"),
        *_reference(table, "bid_id", "bids"),
        sa.Column("state", states, nullable=False),
        sa.Column("found", postgresql.JSONB(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        _text("closing"),
        _unique(table, "round_id", "bid_id"),
    )
    _index(table, "bid_id")


def _parties() -> None:
    table = "disagreement_parties"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "disagreement_id", "disagreements"),
        *_reference(table, "seat_id", "seats"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("concerned", sa.Boolean(), nullable=False),
        _text("reason"),
        sa.Column("answered_at", MOMENT, nullable=True),
        _unique(table, "disagreement_id", "seat_id"),
        _unique(table, "disagreement_id", "number"),
    )
    _index(table, "seat_id")


def _messages() -> None:
    table = "discussion_messages"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "disagreement_id", "disagreements"),
        *_reference(table, "party_id", "disagreement_parties", nullable=True),
        *_reference(table, "officer_id", "people", nullable=True),
        _text("text"),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(party_id IS NULL) <> (officer_id IS NULL)", name=op.f(f"ck_{table}_one_speaker")
        ),
    )
    _index(table, "disagreement_id")


def downgrade() -> None:
    """What was said and what scores were is lost; a further reviewer's seat counts as declined."""
    for table in ("discussion_messages", "disagreement_parties", "disagreements", "score_changes"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_history()")
    op.execute("UPDATE seats SET state = 'declined' WHERE only_bid_id IS NOT NULL")
    op.drop_column("seats", "only_bid_id")
    op.drop_column("sheets", "in_favour")
    op.drop_column("ranking_places", "votes")
    op.drop_column("ranking_places", "breaks")
    op.drop_column("rankings", "changes")
    op.drop_column("rankings", "advice")
