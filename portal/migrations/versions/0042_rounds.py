"""Kinds of rounds and their timetables, and the bids that a seat of a pool round scores."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

KINDS = ("panel", "pool", "meeting")
ACROSS = """
    SELECT 1 FROM conflicts JOIN rounds USING (challenge_id)
    WHERE rounds.id = NEW.round_id AND conflicts.reviewer_id = NEW.reviewer_id
        AND conflicts.lifted_at IS NULL
"""
OWN_ONLY = """
        AND (rounds.kind <> 'pool' OR conflicts.bid_id IS NULL OR conflicts.bid_id IN (
            SELECT bid_id FROM seat_bids WHERE seat_id = NEW.id
        ))
"""
REFUSE_SEAT = """
CREATE OR REPLACE FUNCTION refuse_seat_across_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS ({across}) THEN
        RAISE EXCEPTION 'seat % crosses a conflict', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_seats_no_conflict';
    END IF;
    RETURN NEW;
END $$
"""
REFUSE_BID = """
CREATE FUNCTION refuse_bid_across_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM seats
        JOIN bids ON bids.id = NEW.bid_id
        JOIN conflicts ON conflicts.challenge_id = bids.challenge_id
            AND conflicts.reviewer_id = seats.reviewer_id
        WHERE seats.id = NEW.seat_id AND conflicts.lifted_at IS NULL
            AND (conflicts.bid_id IS NULL OR conflicts.bid_id = NEW.bid_id)
    ) THEN
        RAISE EXCEPTION 'seat % would score a bid across a conflict', NEW.seat_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_seat_bids_no_conflict';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Every round so far is a panel's; of a pool's seat only its own bids count against it."""
    kind = sa.Enum(*KINDS, name="round_kind", native_enum=False, create_constraint=True, length=32)
    op.add_column("rounds", sa.Column("kind", kind, server_default="panel", nullable=False))
    plan = sa.Column("plan", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("rounds", plan)
    op.create_table(
        "seat_bids",
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seats.id"], name=op.f("fk_seat_bids_seat_id_seats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_seat_bids_bid_id_bids")),
        sa.PrimaryKeyConstraint("seat_id", "bid_id", name=op.f("pk_seat_bids")),
    )
    op.create_index(op.f("ix_seat_bids_bid_id"), "seat_bids", ["bid_id"], unique=False)
    op.execute(REFUSE_SEAT.format(across=ACROSS + OWN_ONLY))
    op.execute(REFUSE_BID)
    op.execute(
        "CREATE TRIGGER no_conflict BEFORE INSERT OR UPDATE ON seat_bids"
        " FOR EACH ROW EXECUTE FUNCTION refuse_bid_across_conflict()"
    )


def downgrade() -> None:
    """Which bid is whose in a pool round is lost."""
    op.execute(REFUSE_SEAT.format(across=ACROSS))
    op.drop_table("seat_bids")
    op.execute("DROP FUNCTION refuse_bid_across_conflict()")
    op.drop_column("rounds", "plan")
    op.drop_column("rounds", "kind")
