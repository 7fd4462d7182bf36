"""Tables of projects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("partners", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "accepted",
                name="project_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_projects_bid_id_bids")),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_projects_challenge_id_challenges")
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["organisations.id"], name=op.f("fk_projects_lead_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["bid_versions.id"], name=op.f("fk_projects_version_id_bid_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_projects_bid_id")),
        sa.UniqueConstraint("code", name=op.f("uq_projects_code")),
    )
    op.create_index(op.f("ix_projects_challenge_id"), "projects", ["challenge_id"], unique=False)
    op.create_index(op.f("ix_projects_lead_id"), "projects", ["lead_id"], unique=False)
    op.create_index("ix_projects_newest", "projects", ["started_at", "id"], unique=False)
    op.create_table(
        "contract_indicators",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "operator",
            sa.Enum(
                "ge",
                "le",
                "eq",
                "between",
                "qualitative",
                name="contract_operator",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_value", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("asked_high", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("promised_value", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("promised_how", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("test_method", sa.String(length=400), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("measured_value", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("measured_how", sa.Text(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("measured_by", sa.Uuid(), nullable=True),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["stored_files.id"],
            name=op.f("fk_contract_indicators_evidence_id_stored_files"),
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_contract_indicators_indicator_id_indicators"),
        ),
        sa.ForeignKeyConstraint(
            ["measured_by"], ["people.id"], name=op.f("fk_contract_indicators_measured_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_contract_indicators_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_indicators")),
        sa.UniqueConstraint(
            "project_id", "position", name=op.f("uq_contract_indicators_project_id_position")
        ),
    )
    op.create_index(
        op.f("ix_contract_indicators_evidence_id"),
        "contract_indicators",
        ["evidence_id"],
        unique=False,
    )
    op.create_table(
        "milestones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "reported",
                "accepted",
                name="milestone_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_milestones_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint(
            "project_id", "position", name=op.f("uq_milestones_project_id_position")
        ),
    )
    op.create_table(
        "project_funds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "city",
                "district",
                "enterprise",
                "social",
                name="project_fund_source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("paid", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.CheckConstraint(
            "paid >= 0 AND paid <= amount", name=op.f("ck_project_funds_paid_within_amount")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_funds_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_funds")),
        sa.UniqueConstraint(
            "project_id", "source", name=op.f("uq_project_funds_project_id_source")
        ),
    )
    op.create_table(
        "registry_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
        sa.Column(
            "entered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_registry_entries_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_entries")),
        sa.UniqueConstraint("number", name=op.f("uq_registry_entries_number")),
        sa.UniqueConstraint("project_id", name=op.f("uq_registry_entries_project_id")),
    )
    op.create_table(
        "milestone_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_files.id"],
            name=op.f("fk_milestone_evidence_file_id_stored_files"),
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["milestones.id"],
            name=op.f("fk_milestone_evidence_milestone_id_milestones"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_evidence")),
    )
    op.create_index(
        op.f("ix_milestone_evidence_file_id"), "milestone_evidence", ["file_id"], unique=False
    )
    op.create_index(
        op.f("ix_milestone_evidence_milestone_id"),
        "milestone_evidence",
        ["milestone_id"],
        unique=False,
    )
    op.create_table(
        "tranches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "city",
                "district",
                "enterprise",
                "social",
                name="tranche_source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "due",
                "paid",
                name="tranche_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("voucher", sa.String(length=100), nullable=False),
        sa.Column("paid_by", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_tranches_paid_has_its_date")
        ),
        sa.CheckConstraint(
            "(state = 'paid') = (voucher <> '')", name=op.f("ck_tranches_paid_has_its_voucher")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_tranches_amount_positive")),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestones.id"], name=op.f("fk_tranches_milestone_id_milestones")
        ),
        sa.ForeignKeyConstraint(
            ["paid_by"], ["people.id"], name=op.f("fk_tranches_paid_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_tranches_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tranches")),
        sa.UniqueConstraint("project_id", "position", name=op.f("uq_tranches_project_id_position")),
    )
    op.create_index(op.f("ix_tranches_milestone_id"), "tranches", ["milestone_id"], unique=False)
    op.create_index(
        "uq_tranches_voucher",
        "tranches",
        ["project_id", "source", "voucher"],
        unique=True,
        postgresql_where=sa.text("voucher <> ''"),
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    """Drop them."""
    op.drop_index(
        "uq_tranches_voucher", table_name="tranches", postgresql_where=sa.text("voucher <> ''")
    )
    op.drop_index(op.f("ix_tranches_milestone_id"), table_name="tranches")
    op.drop_table("tranches")
    op.drop_index(op.f("ix_milestone_evidence_milestone_id"), table_name="milestone_evidence")
    op.drop_index(op.f("ix_milestone_evidence_file_id"), table_name="milestone_evidence")
    op.drop_table("milestone_evidence")
    op.drop_table("registry_entries")
    op.drop_table("project_funds")
    op.drop_table("milestones")
    op.drop_index(op.f("ix_contract_indicators_evidence_id"), table_name="contract_indicators")
    op.drop_table("contract_indicators")
    op.drop_index("ix_projects_newest", table_name="projects")
    op.drop_index(op.f("ix_projects_lead_id"), table_name="projects")
    op.drop_index(op.f("ix_projects_challenge_id"), table_name="projects")
    op.drop_table("projects")
    # ### end Alembic commands ###
