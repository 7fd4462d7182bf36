"""What is done about reviewers who are awaited: a row for each step, and a time of a seat's own."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "'invited', 'accepted', 'declined', 'replaced', 'done', 'conflicted'"
KINDS = ("remind", "warn", "escalate", "replace")


def _seat_states(states: str) -> None:
    op.drop_constraint("seat_state", "seats", type_="check")
    op.create_check_constraint("seat_state", "seats", f"state IN ({states})")


def upgrade() -> None:
    """A reminder that was sent is a step about what is awaited now."""
    kind = sa.Enum(*KINDS, name="step_kind", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "seat_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seats.id"], name=op.f("fk_seat_steps_seat_id_seats"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_steps")),
        sa.UniqueConstraint(
            "seat_id", "kind", "due_at", name=op.f("uq_seat_steps_seat_id_kind_due_at")
        ),
    )
    op.execute(
        "INSERT INTO seat_steps (id, seat_id, kind, due_at, at)"
        " SELECT gen_random_uuid(), seats.id, 'remind',"
        " CASE WHEN seats.reminded_at < coalesce(seats.answered_at, 'infinity')"
        " THEN seats.answer_by ELSE rounds.sheets_due_at END, seats.reminded_at"
        " FROM seats JOIN rounds ON rounds.id = seats.round_id WHERE reminded_at IS NOT NULL"
    )
    op.drop_column("seats", "reminded_at")
    op.add_column("seats", sa.Column("due_at", MOMENT, nullable=True))
    _seat_states(f"{STATES}, 'excused', 'left_out'")


def downgrade() -> None:
    """Whoever was excused or left out counts as replaced."""
    op.execute("UPDATE seats SET state = 'replaced' WHERE state IN ('excused', 'left_out')")
    _seat_states(STATES)
    op.drop_column("seats", "due_at")
    op.add_column("seats", sa.Column("reminded_at", MOMENT, nullable=True))
    op.execute(
        "UPDATE seats SET reminded_at = told.at FROM (SELECT seat_id, max(at) AS at"
        " FROM seat_steps WHERE kind = 'remind' GROUP BY seat_id) AS told WHERE seat_id = seats.id"
    )
    op.drop_table("seat_steps")
