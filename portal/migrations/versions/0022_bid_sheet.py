"""Bids are kept by section; the budget of what was handed in stands in a table of its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PARTS = {
    "outline": ["title", "summary"],
    "indicators": ["promises"],
    "route": ["route"],
    "milestones": ["milestones"],
    "budget": ["budget"],
    "people": ["members"],
    "risks": ["risks"],
    "property": ["background", "foreground", "ownership"],
    "scenario": ["scenario"],
    "declarations": ["data_security", "other_funding"],
    "attachments": ["attachments"],
}
CATEGORIES = ["equipment", "materials", "testing", "labour", "services", "travel", "other"]
SOURCES = ["city", "district", "enterprise", "social"]
SUMS_AGREE = """
CREATE FUNCTION require_budget_of_manifest() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version uuid := CASE WHEN TG_TABLE_NAME = 'bid_versions' THEN NEW.id ELSE NULL END;
BEGIN
    IF TG_TABLE_NAME = 'bid_budget_lines' THEN
        version := CASE WHEN TG_OP = 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
    END IF;
    IF EXISTS (
        SELECT 1
        FROM (
            SELECT source, sum(amount) AS total
            FROM bid_budget_lines WHERE version_id = version GROUP BY source
        ) AS lines
        FULL JOIN (
            SELECT row ->> 'source' AS source, sum((row ->> 'amount')::numeric(16, 2)) AS total
            FROM bid_versions, jsonb_array_elements(manifest -> 'terms' -> 'budget') AS row
            WHERE bid_versions.id = version GROUP BY 1
        ) AS told USING (source)
        WHERE coalesce(lines.total, 0) <> coalesce(told.total, 0)
    ) THEN
        RAISE EXCEPTION 'the budget lines of version % are not those of its manifest', version
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_bid_budget_lines_as_told';
    END IF;
    RETURN NULL;
END $$
"""


def _kind(name: str, values: list[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Move every draft into its sections, and the money of every version into its lines."""
    _sections()
    _lines()
    for section, parts in PARTS.items():
        op.execute(
            sa.text(
                "INSERT INTO bid_sections (id, bid_id, section, content, revision, changed_by,"
                " changed_at) SELECT gen_random_uuid(), bids.id, :section, coalesce((SELECT"
                " jsonb_object_agg(key, value) FROM jsonb_each(draft) WHERE key = ANY(:parts)),"
                " '{}'), 0, started_by, changed_at FROM bids"
            ).bindparams(
                sa.bindparam("section", section, sa.String()),
                sa.bindparam("parts", parts, postgresql.ARRAY(sa.String())),
            )
        )
    op.drop_column("bids", "draft")
    op.execute(
        "INSERT INTO bid_budget_lines (id, version_id, year, category, source, amount)"
        " SELECT gen_random_uuid(), id, 1, 'other', row ->> 'source',"
        " sum((row ->> 'amount')::numeric(16, 2))"
        " FROM bid_versions, jsonb_array_elements(manifest -> 'terms' -> 'budget') AS row"
        " GROUP BY id, row ->> 'source'"
    )
    op.execute(SUMS_AGREE)
    for table in ("bid_versions", "bid_budget_lines"):
        happens = "INSERT" if table == "bid_versions" else "INSERT OR UPDATE OR DELETE"
        op.execute(
            f"CREATE CONSTRAINT TRIGGER budget_as_told AFTER {happens} ON {table}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            " EXECUTE FUNCTION require_budget_of_manifest()"
        )


def _sections() -> None:
    op.create_table(
        "bid_sections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("section", _kind("bid_section", list(PARTS)), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_bid_sections_bid_id_bids")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["people.id"], name=op.f("fk_bid_sections_changed_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.id"], name=op.f("fk_bid_sections_owner_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_sections")),
        sa.UniqueConstraint("bid_id", "section", name=op.f("uq_bid_sections_bid_id_section")),
    )


def _lines() -> None:
    op.create_table(
        "bid_budget_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("category", _kind("budget_category", CATEGORIES), nullable=False),
        sa.Column("source", _kind("fund_source", SOURCES), nullable=False),
        sa.Column("amount", sa.Numeric(16, 2), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_bid_budget_lines_amount_not_negative")),
        sa.CheckConstraint("year >= 1", name=op.f("ck_bid_budget_lines_year_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["bid_versions.id"],
            name=op.f("fk_bid_budget_lines_version_id_bid_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_budget_lines")),
        sa.UniqueConstraint(
            "version_id",
            "year",
            "category",
            "source",
            name=op.f("uq_bid_budget_lines_version_id_year_category_source"),
        ),
    )


def downgrade() -> None:
    """Put the drafts together again; who owns a section is lost."""
    for table in ("bid_versions", "bid_budget_lines"):
        op.execute(f"DROP TRIGGER budget_as_told ON {table}")
    op.execute("DROP FUNCTION require_budget_of_manifest()")
    op.add_column(
        "bids", sa.Column("draft", postgresql.JSONB(), server_default="{}", nullable=False)
    )
    op.execute(
        "UPDATE bids SET draft = coalesce((SELECT jsonb_object_agg(part.key, part.value)"
        " FROM bid_sections, jsonb_each(content) AS part WHERE bid_id = bids.id), '{}')"
    )
    op.alter_column("bids", "draft", server_default=None)
    op.drop_table("bid_budget_lines")
    op.drop_table("bid_sections")
