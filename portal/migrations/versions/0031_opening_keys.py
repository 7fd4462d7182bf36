"""The opening key of each challenge, its three custodians, and the role of an independent one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ROLES = (
    "city_officer",
    "district_officer",
    "bidder_lead",
    "partner",
    "reviewer",
    "auditor",
    "administrator",
)
MADE = (
    "(state = 'ready') = (public_key IS NOT NULL) AND (state = 'ready') = "
    "(stored IS NOT NULL) AND (state = 'ready') = (envelope IS NOT NULL) AND "
    "(state = 'ready') = (made_at IS NOT NULL)"
)


def _allow(roles: tuple[str, ...]) -> None:
    name = op.f("ck_person_roles_role")
    op.drop_constraint(name, "person_roles", type_="check")
    listed = ", ".join(f"'{role}'" for role in roles)
    op.create_check_constraint(name, "person_roles", f"role IN ({listed})")


def upgrade() -> None:
    """No challenge that is there has a key: bids on it wait until its custodians are named."""
    _allow((*ROLES, "custodian"))
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "opening_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "ready",
                name="key_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("stored", postgresql.JSONB(), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", moment, nullable=True),
        sa.CheckConstraint(MADE, name=op.f("ck_opening_keys_made_whole")),
        sa.CheckConstraint(
            "length(public_key) = 32", name=op.f("ck_opening_keys_public_key_length")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_opening_keys_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_keys")),
        sa.UniqueConstraint("challenge_id", name=op.f("uq_opening_keys_challenge_id")),
    )
    op.create_table(
        "key_shares",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "named",
                "taken",
                "proven",
                name="share_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("named_at", moment, nullable=False),
        sa.Column("public_half", sa.LargeBinary(), nullable=True),
        sa.Column("kept", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at", moment, nullable=True),
        sa.Column("proven_at", moment, nullable=True),
        sa.Column("wrong", sa.BigInteger(), nullable=False),
        sa.Column("wrong_at", moment, nullable=True),
        sa.CheckConstraint("holder BETWEEN 1 AND 3", name=op.f("ck_key_shares_holder_in_range")),
        sa.CheckConstraint(
            "(state = 'named') = (public_half IS NULL)",
            name=op.f("ck_key_shares_half_once_taken"),
        ),
        sa.CheckConstraint(
            "(state = 'proven') = (proven_at IS NOT NULL)",
            name=op.f("ck_key_shares_proven_has_date"),
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["opening_keys.id"],
            name=op.f("fk_key_shares_key_id_opening_keys"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_key_shares_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_key_shares_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_shares")),
        sa.UniqueConstraint("key_id", "holder", name=op.f("uq_key_shares_key_id_holder")),
        sa.UniqueConstraint("key_id", "person_id", name=op.f("uq_key_shares_key_id_person_id")),
        sa.UniqueConstraint(
            "key_id", "organisation_id", name=op.f("uq_key_shares_key_id_organisation_id")
        ),
    )
    op.create_index(op.f("ix_key_shares_person_id"), "key_shares", ["person_id"])


def downgrade() -> None:
    """Nobody is an independent custodian any more."""
    op.drop_table("key_shares")
    op.drop_table("opening_keys")
    op.execute(sa.text("DELETE FROM person_roles WHERE role = 'custodian'"))
    _allow(ROLES)
