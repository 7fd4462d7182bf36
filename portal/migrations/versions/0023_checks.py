"""The formal check by items of the challenge's own rules, with correction and reply."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE = ["draft", "submitted", "withdrawn", "opened", "eligible", "rejected", "won", "lost"]
AFTER = [*BEFORE[:4], "correcting", "eligible", "rejected", "contested", "won", "lost"]
OLD_ITEMS = ("lead", "team", "indicators", "budget", "document")


def _states(states: list[str]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint("bid_state", "bids", type_="check")
    op.create_check_constraint("bid_state", "bids", f"state IN ({listed})")


def _verdict(name: str) -> sa.Enum:
    return sa.Enum(
        "holds",
        "fails",
        "open",
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
    )


def _person(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["people.id"], name=f"fk_{table}_{column}_people")


def _moment(name: str, nullable: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Take over what was checked under the five old items."""
    _states(AFTER)
    _checks()
    _items()
    _corrections()
    _replies()
    op.execute(
        "INSERT INTO formal_checks (bid_id, officer_id, taken_at, decided_by, decided_at, reason) "
        "SELECT DISTINCT ON (bid_id) bid_id, checked_by, checked_at, checked_by, checked_at, '' "
        "FROM formal_check_items ORDER BY bid_id, checked_at DESC"
    )
    op.execute(
        "INSERT INTO check_items (id, bid_id, key, position, verdict, remark, revision, "
        "answered_by, answered_at, finding, label, evidence) "
        "SELECT id, bid_id, item, 0, CASE WHEN holds THEN 'holds' ELSE 'fails' END, remark, 1, "
        "checked_by, checked_at, 'open', jsonb_build_array(item, '{}'::jsonb), '[]'::jsonb "
        "FROM formal_check_items"
    )
    op.drop_table("formal_check_items")


def _checks() -> None:
    op.create_table(
        "formal_checks",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        _moment("taken_at"),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        _moment("decided_at"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name="fk_formal_checks_bid_id_bids"),
        _person("officer_id", "formal_checks"),
        _person("decided_by", "formal_checks"),
        sa.PrimaryKeyConstraint("bid_id", name="pk_formal_checks"),
    )


def _items() -> None:
    op.create_table(
        "check_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("verdict", _verdict("check_verdict"), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        _moment("answered_at"),
        sa.Column("finding", _verdict("check_finding"), nullable=True),
        sa.Column("label", postgresql.JSONB(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_check_items_revision_counts")),
        sa.ForeignKeyConstraint(
            ["bid_id"], ["formal_checks.bid_id"], name="fk_check_items_bid_id_formal_checks"
        ),
        _person("answered_by", "check_items"),
        sa.PrimaryKeyConstraint("id", name="pk_check_items"),
        sa.UniqueConstraint("bid_id", "key", name="uq_check_items_bid_id_key"),
    )


def _corrections() -> None:
    op.create_table(
        "bid_corrections",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("sections", postgresql.JSONB(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        _moment("asked_at", nullable=False),
        _moment("due_at", nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        _moment("answered_at"),
        _moment("lapsed_at"),
        sa.CheckConstraint("due_at > asked_at", name=op.f("ck_bid_corrections_due_after_asking")),
        sa.CheckConstraint(
            "answered_at IS NULL OR lapsed_at IS NULL", name=op.f("ck_bid_corrections_one_end")
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name="fk_bid_corrections_bid_id_bids"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["bid_versions.id"], name="fk_bid_corrections_version_id_bid_versions"
        ),
        _person("asked_by", "bid_corrections"),
        _person("answered_by", "bid_corrections"),
        sa.PrimaryKeyConstraint("bid_id", name="pk_bid_corrections"),
    )


def _replies() -> None:
    op.create_table(
        "refusal_replies",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        _moment("made_at", nullable=False),
        sa.Column("refused_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        _moment("decided_at"),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decided_by <> refused_by", name=op.f("ck_refusal_replies_another_officer_decides")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (upheld IS NULL)",
            name=op.f("ck_refusal_replies_decided_with_outcome"),
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name="fk_refusal_replies_bid_id_bids"),
        _person("made_by", "refusal_replies"),
        _person("refused_by", "refusal_replies"),
        _person("decided_by", "refusal_replies"),
        sa.PrimaryKeyConstraint("bid_id", name="pk_refusal_replies"),
    )


def downgrade() -> None:
    """Items other than the old five, corrections and replies are lost."""
    op.create_table(
        "formal_check_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column(
            "item",
            sa.Enum(
                *OLD_ITEMS,
                name="check_item",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=False),
        _moment("checked_at", nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name="fk_formal_check_items_bid_id_bids"),
        _person("checked_by", "formal_check_items"),
        sa.PrimaryKeyConstraint("id", name="pk_formal_check_items"),
        sa.UniqueConstraint("bid_id", "item", name="uq_formal_check_items_bid_id_item"),
    )
    op.execute(
        "INSERT INTO formal_check_items "
        "SELECT id, bid_id, key, verdict = 'holds', remark, answered_by, answered_at "
        "FROM check_items WHERE key IN ('lead', 'team', 'indicators', 'budget', 'document')"
    )
    for table in ("refusal_replies", "bid_corrections", "check_items", "formal_checks"):
        op.drop_table(table)
    op.execute("UPDATE bids SET state = 'opened' WHERE state = 'correcting'")
    op.execute("UPDATE bids SET state = 'rejected' WHERE state = 'contested'")
    _states(BEFORE)
