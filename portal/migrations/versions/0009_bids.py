"""Tables of bids."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "bids",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "withdrawn",
                "opened",
                "eligible",
                "rejected",
                "won",
                "lost",
                name="bid_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("draft", postgresql.JSONB(), nullable=False),
        sa.Column("draft_file_id", sa.Uuid(), nullable=True),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_bids_challenge_id_challenges")
        ),
        sa.ForeignKeyConstraint(
            ["draft_file_id"], ["stored_files.id"], name=op.f("fk_bids_draft_file_id_stored_files")
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["organisations.id"], name=op.f("fk_bids_lead_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["people.id"], name=op.f("fk_bids_started_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bids")),
        sa.UniqueConstraint("challenge_id", "lead_id", name=op.f("uq_bids_challenge_id_lead_id")),
    )
    op.create_index(op.f("ix_bids_lead_id"), "bids", ["lead_id"], unique=False)
    op.create_table(
        "bid_partners",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "confirmed",
                "declined",
                name="partner_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "invited_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["people.id"], name=op.f("fk_bid_partners_answered_by_people")
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_bid_partners_bid_id_bids")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_bid_partners_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_partners")),
        sa.UniqueConstraint(
            "bid_id", "organisation_id", name=op.f("uq_bid_partners_bid_id_organisation_id")
        ),
    )
    op.create_index(
        op.f("ix_bid_partners_organisation_id"), "bid_partners", ["organisation_id"], unique=False
    )
    op.create_table(
        "bid_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manifest", postgresql.JSONB(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_bid_versions_bid_id_bids")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_bid_versions_file_id_stored_files")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["people.id"], name=op.f("fk_bid_versions_submitted_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_versions")),
        sa.UniqueConstraint("bid_id", "number", name=op.f("uq_bid_versions_bid_id_number")),
    )
    op.create_table(
        "formal_check_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column(
            "item",
            sa.Enum(
                "lead",
                "team",
                "indicators",
                "budget",
                "document",
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
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bid_id"], ["bids.id"], name=op.f("fk_formal_check_items_bid_id_bids")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["people.id"], name=op.f("fk_formal_check_items_checked_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formal_check_items")),
        sa.UniqueConstraint("bid_id", "item", name=op.f("uq_formal_check_items_bid_id_item")),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    """Drop them."""
    op.drop_table("formal_check_items")
    op.drop_table("bid_versions")
    op.drop_index(op.f("ix_bid_partners_organisation_id"), table_name="bid_partners")
    op.drop_table("bid_partners")
    op.drop_index(op.f("ix_bids_lead_id"), table_name="bids")
    op.drop_table("bids")
    # ### end Alembic commands ###
