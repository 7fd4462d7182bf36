"""Second factors, recovery codes, wrong tries, sign-ins that wait for a code, and resets."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)
NEW = (
    "factor_resets",
    "pending_sign_ins",
    "factor_wrong_tries",
    "recovery_codes",
    "second_factors",
)


def upgrade() -> None:
    """Make the tables."""
    op.add_column("sign_in_sessions", sa.Column("factor_at", MOMENT, nullable=True))
    _second_factors()
    _recovery_codes()
    op.create_table(
        "factor_wrong_tries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_person("factor_wrong_tries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_wrong_tries")),
    )
    op.create_index(op.f("ix_factor_wrong_tries_person_id"), "factor_wrong_tries", ["person_id"])
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _of_person("pending_sign_ins"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_ins")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_pending_sign_ins_token_sha256")),
    )
    op.create_index(op.f("ix_pending_sign_ins_person_id"), "pending_sign_ins", ["person_id"])
    _factor_resets()


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_person_id_people")
    return sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=name, ondelete="CASCADE")


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("locked", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proven_at", MOMENT, nullable=True),
        sa.CheckConstraint("counter >= 0", name=op.f("ck_second_factors_counter")),
        _of_person("second_factors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
    )
    for name, which in (("proven", "proven_at IS NOT NULL"), ("proposed", "proven_at IS NULL")):
        op.create_index(
            f"ix_second_factors_{name}",
            "second_factors",
            ["person_id"],
            unique=True,
            postgresql_where=sa.text(which),
        )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("factor_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["factor_id"],
            ["second_factors.id"],
            name=op.f("fk_recovery_codes_factor_id_second_factors"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("sha256", name=op.f("uq_recovery_codes_sha256")),
    )
    op.create_index(op.f("ix_recovery_codes_factor_id"), "recovery_codes", ["factor_id"])


def _factor_resets() -> None:
    op.create_table(
        "factor_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "asked_by_id <> person_id", name=op.f("ck_factor_resets_for_somebody_else")
        ),
        _of_person("factor_resets"),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_factor_resets_asked_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_resets")),
        sa.UniqueConstraint("person_id", name=op.f("uq_factor_resets_person_id")),
    )
    op.create_index(op.f("ix_factor_resets_asked_by_id"), "factor_resets", ["asked_by_id"])


def downgrade() -> None:
    """Nobody signs in with a second factor any more."""
    for table in NEW:
        op.drop_table(table)
    op.drop_column("sign_in_sessions", "factor_at")
