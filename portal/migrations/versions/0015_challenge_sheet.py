"""The whole challenge sheet, attachments, proposals (four eyes), and calls with common rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BEFORE = [
    "draft",
    "published",
    "opened",
    "reviewing",
    "ranked",
    "noticed",
    "awarded",
    "completed",
    "failed",
    "cancelled",
]
OUTCOMES = ("approved", "returned", "taken_back")
WORDS = {
    "field": sa.String(200),
    "chain_stage": sa.String(200),
    "deliverables": sa.Text(),
    "ip_terms": sa.Text(),
    "confidentiality": sa.Text(),
    "contact_name": sa.String(200),
    "contact_phone": sa.String(40),
    "contact_email": sa.String(254),
}
TOTAL = """
CREATE FUNCTION keep_budget_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE challenges SET budget_total = (
        SELECT coalesce(sum(amount), 0) FROM challenge_funds WHERE challenge_id = challenges.id
    ) WHERE id = coalesce(NEW.challenge_id, OLD.challenge_id);
    RETURN NULL;
END $$;
CREATE TRIGGER keep_budget_total AFTER INSERT OR DELETE OR UPDATE OF amount ON challenge_funds
    FOR EACH ROW EXECUTE FUNCTION keep_budget_total();
"""


def _states(states: list[str]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint("challenge_state", "challenges", type_="check")
    op.create_check_constraint("challenge_state", "challenges", f"state IN ({listed})")


def _dated(unpublished: str) -> None:
    held = f"state IN ({unpublished}) OR (published_at IS NOT NULL AND closes_at IS NOT NULL)"
    name = op.f("ck_challenges_published_has_dates")
    op.drop_constraint(name, "challenges", type_="check")
    op.create_check_constraint(name, "challenges", held)


def _word(table: str, name: str, kind: sa.types.TypeEngine[str]) -> None:
    """A column of text that is never missing, only empty."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=""))
    op.alter_column(table, name, server_default=None)


def _revision(table: str) -> None:
    op.add_column(table, sa.Column("revision", sa.BigInteger(), nullable=False, server_default="1"))
    op.alter_column(table, "revision", server_default=None)


def upgrade() -> None:
    """Add the columns and the tables; what was published before keeps its settings."""
    _calls()
    _challenges()
    _attachments()
    _proposals()


def _calls() -> None:
    _word("calls", "introduction", sa.Text())
    _word("calls", "common_rules", sa.Text())
    _revision("calls")
    op.add_column("calls", sa.Column("closes_at", sa.DateTime(timezone=True)))
    op.add_column("calls", sa.Column("published_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE calls SET published_at = (SELECT min(published_at) FROM challenges"
        " WHERE call_id = calls.id)"
    )
    op.create_index("ix_calls_newest", "calls", ["published_at", "id"])


def _challenges() -> None:
    for name, kind in WORDS.items():
        _word("challenges", name, kind)
    _word("indicators", "baseline", sa.String(200))
    _revision("challenges")
    edited = sa.Column("edited", postgresql.JSONB(), nullable=False, server_default="{}")
    op.add_column("challenges", edited)
    op.alter_column("challenges", "edited", server_default=None)
    for name in ("trl_from", "trl_to"):
        op.add_column("challenges", sa.Column(name, sa.BigInteger()))
        check = op.f(f"ck_challenges_{name}_in_range")
        op.create_check_constraint(check, "challenges", f"{name} BETWEEN 1 AND 9")
    op.add_column("challenges", sa.Column("follows_id", sa.Uuid()))
    op.create_check_constraint(
        op.f("ck_challenges_follows_another"), "challenges", "follows_id <> id"
    )
    op.create_foreign_key(
        op.f("fk_challenges_follows_id_challenges"),
        "challenges",
        "challenges",
        ["follows_id"],
        ["id"],
    )
    op.create_index(op.f("ix_challenges_follows_id"), "challenges", ["follows_id"])
    op.add_column(
        "challenges",
        sa.Column("budget_total", sa.Numeric(18, 2), nullable=False, server_default="0"),
    )
    op.execute(
        "UPDATE challenges SET budget_total = (SELECT coalesce(sum(amount), 0)"
        " FROM challenge_funds WHERE challenge_id = challenges.id)"
    )
    op.execute(TOTAL)
    _states([BEFORE[0], "proposed", *BEFORE[1:]])
    _dated("'draft', 'proposed', 'cancelled'")


def _attachments() -> None:
    op.create_table(
        "challenge_attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_challenge_attachments_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_files.id"],
            name=op.f("fk_challenge_attachments_file_id_stored_files"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_attachments")),
    )
    op.create_index(
        op.f("ix_challenge_attachments_challenge_id"), "challenge_attachments", ["challenge_id"]
    )


def _proposals() -> None:
    table = "challenge_proposals"
    people = [
        sa.ForeignKeyConstraint([name], ["people.id"], name=op.f(f"fk_{table}_{name}_people"))
        for name in ("proposed_by", "decided_by")
    ]
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sheet", postgresql.JSONB(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                *OUTCOMES, name="outcome", native_enum=False, create_constraint=True, length=32
            ),
        ),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'taken_back') = (decided_by = proposed_by)",
            name=op.f(f"ck_{table}_decided_by_another"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (decided_at IS NULL)",
            name=op.f(f"ck_{table}_decided_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f(f"fk_{table}_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        *people,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("challenge_id", "number", name=op.f(f"uq_{table}_challenge_id_number")),
    )
    for name, which in (("open", "outcome IS NULL"), ("approved", "outcome = 'approved'")):
        op.create_index(
            f"uq_{table}_{name}",
            table,
            ["challenge_id"],
            unique=True,
            postgresql_where=sa.text(which),
        )


def downgrade() -> None:
    """Proposed challenges are drafts again; the new parts of the sheet are lost."""
    op.drop_table("challenge_proposals")
    op.drop_table("challenge_attachments")
    op.execute("DROP TRIGGER keep_budget_total ON challenge_funds")
    op.execute("DROP FUNCTION keep_budget_total()")
    op.execute("UPDATE challenges SET state = 'draft' WHERE state = 'proposed'")
    _dated("'draft', 'cancelled'")
    _states(BEFORE)
    for name in (*WORDS, "trl_from", "trl_to", "follows_id", "budget_total", "revision", "edited"):
        op.drop_column("challenges", name)
    op.drop_column("indicators", "baseline")
    op.drop_index("ix_calls_newest", table_name="calls")
    for name in ("introduction", "common_rules", "revision", "closes_at", "published_at"):
        op.drop_column("calls", name)
