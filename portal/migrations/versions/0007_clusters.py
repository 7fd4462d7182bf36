"""Tables of clusters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("publisher", sa.String(length=200), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint(
            "title",
            "publisher",
            "published_on",
            name=op.f("uq_sources_title_publisher_published_on"),
        ),
    )
    op.create_table(
        "clusters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("district", sa.String(length=40), nullable=False),
        sa.Column("years_min", sa.BigInteger(), nullable=False),
        sa.Column("years_max", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "years_min > 0 AND years_min <= years_max", name=op.f("ck_clusters_years_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_clusters_source_id_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
        sa.UniqueConstraint("slug", name=op.f("uq_clusters_slug")),
    )
    op.create_index(op.f("ix_clusters_district"), "clusters", ["district"], unique=False)
    op.create_table(
        "cluster_agreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("parties", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_agreements_cluster_id_clusters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_agreements")),
    )
    op.create_index(
        op.f("ix_cluster_agreements_cluster_id"), "cluster_agreements", ["cluster_id"], unique=False
    )
    op.create_table(
        "cluster_funds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("yearly", sa.Boolean(), nullable=False),
        sa.Column("about", sa.Boolean(), nullable=False),
        sa.Column("source_words", sa.String(length=40), nullable=False),
        sa.Column("funders", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_funds_cluster_id_clusters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_funds")),
    )
    op.create_index(
        op.f("ix_cluster_funds_cluster_id"), "cluster_funds", ["cluster_id"], unique=False
    )
    op.create_table(
        "cluster_issuers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_issuers_cluster_id_clusters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_issuers")),
    )
    op.create_index(
        op.f("ix_cluster_issuers_cluster_id"), "cluster_issuers", ["cluster_id"], unique=False
    )
    op.create_table(
        "cluster_platforms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("operator", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("registered_companies", sa.BigInteger(), nullable=True),
        sa.Column("resident_companies", sa.BigInteger(), nullable=True),
        sa.Column("covers", postgresql.JSONB(), nullable=False),
        sa.Column("links", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_platforms_cluster_id_clusters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_platforms")),
    )
    op.create_index(
        op.f("ix_cluster_platforms_cluster_id"), "cluster_platforms", ["cluster_id"], unique=False
    )
    op.create_table(
        "cluster_results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("amount_over", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_results_cluster_id_clusters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_results")),
    )
    op.create_index(
        op.f("ix_cluster_results_cluster_id"), "cluster_results", ["cluster_id"], unique=False
    )
    op.create_table(
        "cluster_sites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("occupancy_percent", sa.BigInteger(), nullable=True),
        sa.Column("companies", sa.BigInteger(), nullable=True),
        sa.Column("companies_about", sa.Boolean(), nullable=False),
        sa.Column("tech_plus_percent", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_sites_cluster_id_clusters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_sites")),
    )
    op.create_index(
        op.f("ix_cluster_sites_cluster_id"), "cluster_sites", ["cluster_id"], unique=False
    )
    op.create_table(
        "cluster_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "strand",
                "path",
                "principle",
                "pain_point",
                "factor",
                "chain",
                "service_chain",
                "fund_source",
                "common_technology",
                "field",
                "company",
                "event",
                "alliance",
                "direction",
                "method",
                name="term_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_terms_cluster_id_clusters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_terms")),
    )
    op.create_index(
        op.f("ix_cluster_terms_cluster_id"), "cluster_terms", ["cluster_id"], unique=False
    )
    op.create_table(
        "past_projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("lead", sa.String(length=200), nullable=False),
        sa.Column("partners", postgresql.JSONB(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("site", sa.String(length=200), nullable=False),
        sa.Column("scenario", sa.String(length=200), nullable=False),
        sa.Column("effects", postgresql.JSONB(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_past_projects_cluster_id_clusters")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_past_projects_source_id_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_projects")),
        sa.UniqueConstraint("slug", name=op.f("uq_past_projects_slug")),
    )
    op.create_index(
        op.f("ix_past_projects_cluster_id"), "past_projects", ["cluster_id"], unique=False
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_past_projects_cluster_id"), table_name="past_projects")
    op.drop_table("past_projects")
    op.drop_index(op.f("ix_cluster_terms_cluster_id"), table_name="cluster_terms")
    op.drop_table("cluster_terms")
    op.drop_index(op.f("ix_cluster_sites_cluster_id"), table_name="cluster_sites")
    op.drop_table("cluster_sites")
    op.drop_index(op.f("ix_cluster_results_cluster_id"), table_name="cluster_results")
    op.drop_table("cluster_results")
    op.drop_index(op.f("ix_cluster_platforms_cluster_id"), table_name="cluster_platforms")
    op.drop_table("cluster_platforms")
    op.drop_index(op.f("ix_cluster_issuers_cluster_id"), table_name="cluster_issuers")
    op.drop_table("cluster_issuers")
    op.drop_index(op.f("ix_cluster_funds_cluster_id"), table_name="cluster_funds")
    op.drop_table("cluster_funds")
    op.drop_index(op.f("ix_cluster_agreements_cluster_id"), table_name="cluster_agreements")
    op.drop_table("cluster_agreements")
    op.drop_index(op.f("ix_clusters_district"), table_name="clusters")
    op.drop_table("clusters")
    op.drop_table("sources")
    # ### end Alembic commands ###
