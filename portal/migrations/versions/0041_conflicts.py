"""Conflicts of interest: the names of opened bids in rows, what was found, declared and decided."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = ["employer", "former", "team", "owner", "issuer", "coworker", "named"]
KINDS += ["kin", "shares", "advice", "other"]
SEATS = "'invited', 'accepted', 'declined', 'replaced', 'done'"
IDENTITY = """
CREATE FUNCTION portal_identity(name text, organisation text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(normalize(name, NFKC), '\\s', '', 'g')) || '@'
        || lower(regexp_replace(normalize(organisation, NFKC), '\\s', '', 'g'))
$$
"""
REFUSE_SEAT = """
CREATE FUNCTION refuse_seat_across_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM conflicts JOIN rounds USING (challenge_id)
        WHERE rounds.id = NEW.round_id AND conflicts.reviewer_id = NEW.reviewer_id
            AND conflicts.lifted_at IS NULL
    ) THEN
        RAISE EXCEPTION 'seat % crosses a conflict', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_seats_no_conflict';
    END IF;
    RETURN NEW;
END $$
"""
REFUSE_SHEET = """
CREATE FUNCTION refuse_sheet_across_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM seats
        JOIN bids ON bids.id = NEW.bid_id
        JOIN conflicts ON conflicts.challenge_id = bids.challenge_id
            AND conflicts.reviewer_id = seats.reviewer_id
        WHERE seats.id = NEW.seat_id AND conflicts.lifted_at IS NULL
            AND (conflicts.bid_id IS NULL OR conflicts.bid_id = NEW.bid_id)
    ) THEN
        RAISE EXCEPTION 'sheet % crosses a conflict', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_sheets_no_conflict';
    END IF;
    RETURN NEW;
END $$
"""


def _kind(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _key(table: str, **options: Any) -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False, **options),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _reference(table: str, column: str, target: str, nullable: bool = False) -> list[Any]:
    name = op.f(f"fk_{table}_{column}_{target}")
    return [
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    ]


def _texts(*names: str) -> list[Any]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _identity() -> sa.Column[str]:
    made = sa.Computed("portal_identity(name, organisation)", persisted=True)
    return sa.Column("identity", sa.Text(), made, nullable=False)


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _seat_states(states: str) -> None:
    op.drop_constraint("seat_state", "seats", type_="check")
    op.create_check_constraint("seat_state", "seats", f"state IN ({states})")


def upgrade() -> None:
    """Names out of the manifests, four tables, and two triggers that let nothing across."""
    op.execute(IDENTITY)
    _names("bid_members")
    _names("bid_avoids", "reason")
    op.execute(
        "INSERT INTO bid_members (id, version_id, position, name, organisation)"
        " SELECT gen_random_uuid(), bid_versions.id, place - 1, row ->> 'name',"
        " row ->> 'organisation' FROM bid_versions, jsonb_array_elements("
        "coalesce(manifest -> 'terms' -> 'members', '[]')) WITH ORDINALITY AS told (row, place)"
    )
    _conflicts()
    _coworkings()
    _decisions()
    _declarations()
    _seat_states(f"{SEATS}, 'conflicted'")
    op.execute(REFUSE_SEAT)
    op.execute(REFUSE_SHEET)
    op.execute(
        "CREATE TRIGGER no_conflict BEFORE INSERT OR UPDATE OF state, reviewer_id, round_id ON seats"
        " FOR EACH ROW WHEN (NEW.state IN ('invited', 'accepted', 'done'))"
        " EXECUTE FUNCTION refuse_seat_across_conflict()"
    )
    op.execute(
        "CREATE TRIGGER no_conflict BEFORE INSERT OR UPDATE OF state, seat_id, bid_id ON sheets"
        " FOR EACH ROW WHEN (NEW.state IN ('draft', 'submitted'))"
        " EXECUTE FUNCTION refuse_sheet_across_conflict()"
    )


def _names(table: str, *more: str) -> None:
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "version_id", "bid_versions"),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        *_texts("name", "organisation", *more),
        _identity(),
        _unique(table, "version_id", "position"),
    )
    _index(table, "identity")


def _conflicts() -> None:
    table = "conflicts"
    op.create_table(
        table,
        *_key(table, server_default=sa.text("gen_random_uuid()")),
        *_reference(table, "reviewer_id", "reviewers"),
        *_reference(table, "challenge_id", "challenges"),
        *_reference(table, "bid_id", "bids", nullable=True),
        sa.Column("kind", _kind("conflict_kind", *KINDS), nullable=False),
        sa.Column(
            "source",
            _kind("conflict_source", "found", "declared", "named", "entered"),
            nullable=False,
        ),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        *_reference(table, "entered_by", "people", nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
    )
    _index(table, "reviewer_id")
    op.create_index(
        "uq_conflicts_standing",
        table,
        ["challenge_id", "reviewer_id", "bid_id", "kind", "about_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _coworkings() -> None:
    table = "coworkings"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "reviewer_id", "reviewers"),
        *_texts("name", "organisation"),
        _identity(),
        *_texts("context"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        *_texts("evidence"),
        sa.Column("source", _kind("coworking_source", "expert", "officer"), nullable=False),
        *_reference(table, "entered_by", "people"),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f(f"ck_{table}_in_order")),
    )
    _index(table, "reviewer_id")
    _index(table, "identity")


def _decisions() -> None:
    table = "avoid_decisions"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "bid_id", "bids"),
        *_texts("identity"),
        sa.Column("granted", sa.Boolean(), nullable=False),
        *_texts("reason"),
        *_reference(table, "decided_by", "people"),
        sa.Column("decided_at", MOMENT, nullable=False),
        _unique(table, "bid_id", "identity"),
    )


def _declarations() -> None:
    table = "declarations"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "seat_id", "seats"),
        *_reference(table, "bid_id", "bids"),
        sa.Column("tie", _kind("declared_tie", *KINDS), nullable=True),
        *_texts("words"),
        sa.Column("made_at", MOMENT, nullable=False),
        _unique(table, "seat_id", "bid_id"),
    )
    _index(table, "bid_id")
    # Who accepted before this declared, with one word for all bids, that there is no tie.
    op.execute(
        "INSERT INTO declarations (id, seat_id, bid_id, words, made_at)"
        " SELECT gen_random_uuid(), sheets.seat_id, sheets.bid_id, '',"
        " coalesce(seats.answered_at, seats.invited_at)"
        " FROM sheets JOIN seats ON seats.id = sheets.seat_id"
    )


def downgrade() -> None:
    """What was learned of conflicts is lost; the seats that they freed count as declined."""
    for table in ("seats", "sheets"):
        op.execute(f"DROP TRIGGER no_conflict ON {table}")
        op.execute(f"DROP FUNCTION refuse_{table[:-1]}_across_conflict()")
    op.execute("UPDATE seats SET state = 'declined' WHERE state = 'conflicted'")
    _seat_states(SEATS)
    for table in ("declarations", "avoid_decisions", "coworkings", "conflicts"):
        op.drop_table(table)
    for table in ("bid_avoids", "bid_members"):
        op.drop_table(table)
    op.execute("DROP FUNCTION portal_identity(text, text)")
