"""Teams: what a partner brings, its consent, invitations by e-mail, people with access."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who had only said yes, without a text, is asked again while the bid is not handed in."""
    _organisations()
    _partners()
    _invitations()
    _people()
    op.execute(
        "UPDATE bid_partners SET state = 'invited', answered_by = NULL, answered_at = NULL "
        "FROM bids WHERE bids.id = bid_partners.bid_id AND bids.state IN ('draft', 'withdrawn') "
        "AND bid_partners.state IN ('confirmed')"
    )


def _organisations() -> None:
    op.add_column(
        "organisations",
        sa.Column("foreign_share", sa.Boolean(), nullable=False, server_default="false"),
    )
    op.alter_column("organisations", "foreign_share", server_default=None)
    op.add_column("organisations", sa.Column("controlled_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_organisations_controlled_by_id_organisations"),
        "organisations",
        "organisations",
        ["controlled_by_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_organisations_not_its_own_owner"), "organisations", "controlled_by_id <> id"
    )


def _partners() -> None:
    for name in ("own_money", "social_money"):
        op.add_column(
            "bid_partners",
            sa.Column(name, sa.Numeric(16, 2), nullable=False, server_default="0"),
        )
        op.alter_column("bid_partners", name, server_default=None)
    op.add_column("bid_partners", sa.Column("people", sa.Text(), nullable=False, server_default=""))
    op.alter_column("bid_partners", "people", server_default=None)
    op.create_check_constraint(
        op.f("ck_bid_partners_money_not_negative"),
        "bid_partners",
        "own_money >= 0 AND social_money >= 0",
    )
    op.create_table(
        "partner_consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("text", postgresql.JSONB(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["bid_partners.id"],
            name=op.f("fk_partner_consents_partner_id_bid_partners"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by"], ["people.id"], name=op.f("fk_partner_consents_agreed_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_consents")),
    )
    op.create_index(
        "uq_partner_consents_standing",
        "partner_consents",
        ["partner_id"],
        unique=True,
        postgresql_where=sa.text("lapsed_at IS NULL"),
    )


def _invitations() -> None:
    op.create_table(
        "bid_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("own_money", sa.Numeric(16, 2), nullable=False),
        sa.Column("social_money", sa.Numeric(16, 2), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "used",
                "withdrawn",
                name="invitation_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "own_money >= 0 AND social_money >= 0",
            name=op.f("ck_bid_invitations_money_not_negative"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_bid_invitations_email_lower")),
        sa.ForeignKeyConstraint(
            ["bid_id"], ["bids.id"], name=op.f("fk_bid_invitations_bid_id_bids")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["people.id"], name=op.f("fk_bid_invitations_invited_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["bid_partners.id"],
            name=op.f("fk_bid_invitations_partner_id_bid_partners"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_invitations")),
    )
    op.create_index(
        "uq_bid_invitations_sent",
        "bid_invitations",
        ["bid_id", "email"],
        unique=True,
        postgresql_where=sa.text("state = 'sent'"),
    )


def _people() -> None:
    op.create_table(
        "team_people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "access",
            sa.Enum(
                "read",
                "write",
                name="team_access",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_team_people_bid_id_bids")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_team_people_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_team_people_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["named_by"], ["people.id"], name=op.f("fk_team_people_named_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_people")),
        sa.UniqueConstraint("bid_id", "person_id", name=op.f("uq_team_people_bid_id_person_id")),
    )
    op.create_index(op.f("ix_team_people_person_id"), "team_people", ["person_id"])


def downgrade() -> None:
    """Drop them; consents are lost."""
    op.drop_table("team_people")
    op.drop_table("bid_invitations")
    op.drop_table("partner_consents")
    op.drop_constraint(op.f("ck_bid_partners_money_not_negative"), "bid_partners", type_="check")
    for name in ("own_money", "social_money", "people"):
        op.drop_column("bid_partners", name)
    op.drop_constraint(op.f("ck_organisations_not_its_own_owner"), "organisations", type_="check")
    op.drop_column("organisations", "controlled_by_id")
    op.drop_column("organisations", "foreign_share")
