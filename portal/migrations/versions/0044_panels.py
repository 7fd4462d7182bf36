"""Panels: the meeting after the online review, its turns, who is present, what was asked, the ballots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

TABLES = ("panel_ballots", "panel_remarks", "panel_recusals", "panel_attendances", "panel_turns")
STATES = ("inviting", "scoring", "ranked")


def _states(*states: str) -> None:
    op.execute("ALTER TABLE rounds DROP CONSTRAINT ck_rounds_round_state")
    named = ", ".join(f"'{one}'" for one in states)
    op.execute(
        f"ALTER TABLE rounds ADD CONSTRAINT ck_rounds_round_state CHECK (state IN ({named}))"
    )


def upgrade() -> None:
    """A round may be called off; a panel is held in a round of kind meeting."""
    _states(*STATES, "called_off")
    op.create_table(
        "panels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "invited",
                "sitting",
                "closed",
                "called_off",
                name="panel_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "scores",
                "ballot",
                name="panel_method",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=400), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("talk", sa.BigInteger(), nullable=False),
        sa.Column("questions", sa.BigInteger(), nullable=False),
        sa.Column("judging", sa.BigInteger(), nullable=False),
        sa.Column("pause", sa.BigInteger(), nullable=False),
        sa.Column("lot", postgresql.JSONB(), nullable=False),
        sa.Column("chosen", postgresql.JSONB(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("minutes_sha256", sa.String(length=64), nullable=True),
        sa.Column("minutes", postgresql.JSONB(), nullable=True),
        sa.Column("counted_from", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_panels_closed_whole")
        ),
        sa.CheckConstraint("place <> '' OR link <> ''", name=op.f("ck_panels_has_a_place")),
        sa.CheckConstraint("pause >= 0", name=op.f("ck_panels_break_not_negative")),
        sa.CheckConstraint(
            "talk > 0 AND questions >= 0 AND judging >= 0", name=op.f("ck_panels_minutes_of_a_turn")
        ),
        sa.CheckConstraint("weight BETWEEN 1 AND 100", name=op.f("ck_panels_weight_in_range")),
        sa.ForeignKeyConstraint(
            ["counted_from"], ["rankings.id"], name=op.f("fk_panels_counted_from_rankings")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_panels_round_id_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panels")),
        sa.UniqueConstraint("minutes_sha256", name=op.f("uq_panels_minutes_sha256")),
        sa.UniqueConstraint("round_id", name=op.f("uq_panels_round_id")),
    )
    # ### end Alembic commands ###
    op.create_table(
        "panel_turns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "talking",
                "answering",
                "judging",
                "heard",
                "absent",
                name="turn_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "answer",
            sa.Enum(
                "open",
                "coming",
                "not_coming",
                name="panel_answer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entitled", sa.BigInteger(), nullable=False),
        sa.Column("yes", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("abstained", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "least(yes, no, abstained, entitled) >= 0",
            name=op.f("ck_panel_turns_votes_not_negative"),
        ),
        sa.CheckConstraint(
            "yes + no + abstained <= entitled",
            name=op.f("ck_panel_turns_no_more_votes_than_members"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["people.id"], name=op.f("fk_panel_turns_answered_by_people")
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_panel_turns_bid_id_bids")),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panels.id"],
            name=op.f("fk_panel_turns_panel_id_panels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_turns")),
        sa.UniqueConstraint("panel_id", "bid_id", name=op.f("uq_panel_turns_panel_id_bid_id")),
        sa.UniqueConstraint(
            "panel_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_panel_turns_panel_id_position"),
        ),
    )
    op.create_index(op.f("ix_panel_turns_bid_id"), "panel_turns", ["bid_id"], unique=False)
    op.create_index(
        "uq_panel_turns_on",
        "panel_turns",
        ["panel_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('talking', 'answering', 'judging')"),
    )
    # ### end Alembic commands ###
    op.create_table(
        "panel_attendances",
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["people.id"], name=op.f("fk_panel_attendances_entered_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panels.id"],
            name=op.f("fk_panel_attendances_panel_id_panels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seats.id"], name=op.f("fk_panel_attendances_seat_id_seats")
        ),
        sa.PrimaryKeyConstraint("panel_id", "seat_id", name=op.f("pk_panel_attendances")),
    )
    op.create_index(
        op.f("ix_panel_attendances_seat_id"), "panel_attendances", ["seat_id"], unique=False
    )
    # ### end Alembic commands ###
    op.create_table(
        "panel_recusals",
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["people.id"], name=op.f("fk_panel_recusals_entered_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seats.id"], name=op.f("fk_panel_recusals_seat_id_seats")
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"],
            ["panel_turns.id"],
            name=op.f("fk_panel_recusals_turn_id_panel_turns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("turn_id", "seat_id", name=op.f("pk_panel_recusals")),
    )
    op.create_index(op.f("ix_panel_recusals_seat_id"), "panel_recusals", ["seat_id"], unique=False)
    # ### end Alembic commands ###
    op.create_table(
        "panel_remarks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["people.id"], name=op.f("fk_panel_remarks_noted_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"],
            ["panel_turns.id"],
            name=op.f("fk_panel_remarks_turn_id_panel_turns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_remarks")),
        sa.UniqueConstraint("turn_id", "number", name=op.f("uq_panel_remarks_turn_id_number")),
    )
    # ### end Alembic commands ###
    op.create_table(
        "panel_ballots",
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seats.id"], name=op.f("fk_panel_ballots_seat_id_seats")
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"],
            ["panel_turns.id"],
            name=op.f("fk_panel_ballots_turn_id_panel_turns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("turn_id", "seat_id", name=op.f("pk_panel_ballots")),
    )
    op.create_index(op.f("ix_panel_ballots_seat_id"), "panel_ballots", ["seat_id"], unique=False)
    # ### end Alembic commands ###


def downgrade() -> None:
    """Panels and what they noted are lost; the rounds stay."""
    for name in (*TABLES, "panels"):
        op.drop_table(name)
    op.execute("UPDATE rounds SET state = 'ranked' WHERE state = 'called_off'")
    _states(*STATES)
