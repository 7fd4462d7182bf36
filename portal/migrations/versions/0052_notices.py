"""Notices of several kinds that never change once published; objections examined by an outsider."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOTICES = "'decided', 'published', 'closed', 'confirmed', 'corrected', 'withdrawn', 'announced'"
GONE = "state NOT IN ('withdrawn', 'corrected', 'announced')"
OBJECTIONS = "'received', 'refused', 'examining', 'upheld', 'dismissed'"
OLD_NOTICES = "'decided', 'published', 'confirmed', 'withdrawn'"
OBJECTION_CHECKS = (
    "refused_with_reason",
    "examined_by_somebody_until",
    "another_examines",
    "the_examiner_answers",
    "answered_has_date",
    "upheld_has_effect",
    "effect_on_a_bid",
)
KEEP_NOTICE = """
CREATE FUNCTION refuse_edited_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ROW(OLD.challenge_id, OLD.number, OLD.kind, OLD.replaces_id, OLD.ranking_id, OLD.meeting,
           OLD.deviation_reason, OLD.reason, OLD.business_contact, OLD.supervision_contact,
           OLD.fingerprint, OLD.decided_by, OLD.decided_at, OLD.published_at, OLD.window_ends_at)
       IS DISTINCT FROM
       ROW(NEW.challenge_id, NEW.number, NEW.kind, NEW.replaces_id, NEW.ranking_id, NEW.meeting,
           NEW.deviation_reason, NEW.reason, NEW.business_contact, NEW.supervision_contact,
           NEW.fingerprint, NEW.decided_by, NEW.decided_at, NEW.published_at, NEW.window_ends_at)
    THEN
        RAISE EXCEPTION 'notice % is published', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_notices_never_edited';
    END IF;
    RETURN NEW;
END $$
"""
KEEP_PLACE = """
CREATE FUNCTION refuse_edited_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM notices WHERE id = OLD.notice_id AND state <> 'decided') THEN
        RAISE EXCEPTION 'notice % is published', OLD.notice_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_notice_places_never_edited';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$
"""
NO_AWARD_WHILE_OPEN = """
CREATE FUNCTION refuse_award_while_objected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM objections JOIN notices ON notices.id = objections.notice_id
        WHERE notices.challenge_id = NEW.challenge_id
            AND objections.state IN ('received', 'examining')
    ) THEN
        RAISE EXCEPTION 'an objection to notice % is open', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_notices_no_open_objection';
    END IF;
    RETURN NEW;
END $$
"""
NO_OBJECTION_AFTER = """
CREATE FUNCTION refuse_objection_after_award() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever confirms holds the rows: this waits for them, and sees what they did.
    PERFORM 1 FROM notices WHERE challenge_id = (
        SELECT challenge_id FROM notices WHERE id = NEW.notice_id
    ) FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM notices AS own JOIN notices AS other USING (challenge_id)
        WHERE own.id = NEW.notice_id AND 'confirmed' IN (other.state)
    ) THEN
        RAISE EXCEPTION 'the award on notice % stands', NEW.notice_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_objections_before_the_award';
    END IF;
    RETURN NEW;
END $$
"""
APART = """
CREATE FUNCTION refuse_involved_examiner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM notices AS own JOIN notices AS other USING (challenge_id)
        WHERE own.id = NEW.notice_id AND NEW.examiner_id IN (other.decided_by, other.published_by)
    ) OR EXISTS (
        SELECT 1 FROM notices JOIN bids USING (challenge_id)
            JOIN formal_checks ON formal_checks.bid_id = bids.id
            LEFT JOIN check_items ON check_items.bid_id = bids.id
        WHERE notices.id = NEW.notice_id AND NEW.examiner_id IN (
            formal_checks.officer_id, formal_checks.decided_by, check_items.answered_by
        )
    ) THEN
        RAISE EXCEPTION 'the examiner of objection % is involved', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_objections_examiner_apart';
    END IF;
    RETURN NEW;
END $$
"""


def _kind(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _reference(table: str, column: str, target: str) -> None:
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{table}_{column}_{target}"), table, target, [column], ["id"])


def _text(table: str, column: str, kind: Any = None) -> None:
    """A text that rows of before lack."""
    made = sa.Column(column, kind or sa.Text(), nullable=False, server_default="")
    op.add_column(table, made)
    op.alter_column(table, column, server_default=None)


def _check(table: str, name: str, says: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, says)


def upgrade() -> None:
    """Columns, states, tables, and what the database refuses."""
    _notices()
    _renunciations()
    _objections()
    _evidence()
    _triggers()


def _notices() -> None:
    kind = _kind("notice_kind", "award", "no_award", "correction", "withdrawal")
    op.add_column("notices", sa.Column("kind", kind, nullable=False, server_default="award"))
    op.add_column(
        "notices", sa.Column("revision", sa.BigInteger(), nullable=False, server_default="1")
    )
    for column in ("kind", "revision"):
        op.alter_column("notices", column, server_default=None)
    _reference("notices", "replaces_id", "notices")
    _reference("notices", "published_by", "people")
    _text("notices", "reason")
    _text("notices", "business_contact", sa.String(200))
    _text("notices", "supervision_contact", sa.String(200))
    _text("notices", "fingerprint", sa.String(64))
    op.add_column("notices", sa.Column("closed_at", MOMENT, nullable=True))
    op.drop_constraint("notice_state", "notices", type_="check")
    op.create_check_constraint("notice_state", "notices", f"state IN ({NOTICES})")
    op.drop_index("uq_notices_standing", table_name="notices")
    op.create_index(
        "uq_notices_standing",
        "notices",
        ["challenge_id"],
        unique=True,
        postgresql_where=sa.text(GONE),
    )
    points = "kind NOT IN ('correction', 'withdrawal') OR replaces_id IS NOT NULL"
    _check("notices", "points_to_the_old", points)
    _check("notices", "withdrawal_is_said", "(kind = 'withdrawal') = (state = 'announced')")


def _renunciations() -> None:
    table = "renunciations"
    op.create_table(
        table,
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bid_id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}"
            )
            for column, target in (
                ("bid_id", "bids"),
                ("notice_id", "notices"),
                ("said_by", "people"),
            )
        ),
    )
    op.create_index(op.f(f"ix_{table}_notice_id"), table, ["notice_id"], unique=False)


def _objections() -> None:
    table = "objections"
    op.drop_index("uq_objections_open", table_name=table)
    op.drop_constraint("objection_state", table, type_="check")
    op.add_column(
        table,
        sa.Column(
            "nonce", sa.String(32), nullable=False, server_default=sa.text("md5(random()::text)")
        ),
    )
    op.alter_column(table, "nonce", server_default=None)
    _reference(table, "looked_at_by", "people")
    op.add_column(table, sa.Column("looked_at_at", MOMENT, nullable=True))
    _text(table, "refusal")
    _reference(table, "examiner_id", "people")
    op.create_index(op.f("ix_objections_examiner_id"), table, ["examiner_id"], unique=False)
    op.add_column(table, sa.Column("due_at", MOMENT, nullable=True))
    effects = _kind("objection_effect", "recheck", "rereview", "replace", "withdraw")
    op.add_column(table, sa.Column("effect", effects, nullable=True))
    _reference(table, "bid_id", "bids")
    _text(table, "summary")
    op.execute("UPDATE objections SET state = 'received' WHERE state = 'raised'")
    op.execute(
        "UPDATE objections SET examiner_id = answered_by, due_at = answered_at,"
        " effect = CASE state WHEN 'upheld' THEN 'withdraw' END WHERE answered_at IS NOT NULL"
    )
    op.create_check_constraint("objection_state", table, f"state IN ({OBJECTIONS})")
    op.create_index(
        "uq_objections_open",
        table,
        ["notice_id", "raised_by"],
        unique=True,
        postgresql_where=sa.text("state IN ('received', 'examining')"),
    )
    answered = "state IN ('upheld', 'dismissed')"
    examined = "state NOT IN ('examining', 'upheld', 'dismissed')"
    named = "(examiner_id IS NOT NULL AND due_at IS NOT NULL)"
    about = "effect NOT IN ('recheck', 'replace') OR bid_id IS NOT NULL"
    _check(table, "refused_with_reason", "(state = 'refused') = (refusal <> '')")
    _check(table, "examined_by_somebody_until", f"{examined} OR {named}")
    _check(table, "another_examines", "examiner_id <> raised_by")
    _check(table, "the_examiner_answers", "answered_by = examiner_id")
    _check(table, "answered_has_date", f"({answered}) = (answered_at IS NOT NULL)")
    _check(table, "upheld_has_effect", "(state = 'upheld') = (effect IS NOT NULL)")
    _check(table, "effect_on_a_bid", about)


def _evidence() -> None:
    table = "objection_evidence"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objections.id"], name=op.f(f"fk_{table}_objection_id_objections")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f(f"fk_{table}_file_id_stored_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "objection_id", "position", name=op.f(f"uq_{table}_objection_id_position")
        ),
    )
    for column in ("objection_id", "file_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _triggers() -> None:
    for function in (KEEP_NOTICE, KEEP_PLACE, NO_AWARD_WHILE_OPEN, NO_OBJECTION_AFTER, APART):
        op.execute(function)
    op.execute(
        "CREATE TRIGGER never_edited BEFORE UPDATE ON notices FOR EACH ROW"
        " WHEN (OLD.state <> 'decided') EXECUTE FUNCTION refuse_edited_notice()"
    )
    op.execute(
        "CREATE TRIGGER never_edited BEFORE UPDATE OR DELETE ON notice_places"
        " FOR EACH ROW EXECUTE FUNCTION refuse_edited_place()"
    )
    op.execute(
        "CREATE TRIGGER no_open_objection BEFORE INSERT OR UPDATE OF state ON notices FOR EACH ROW"
        " WHEN ('confirmed' IN (NEW.state)) EXECUTE FUNCTION refuse_award_while_objected()"
    )
    op.execute(
        "CREATE TRIGGER before_the_award BEFORE INSERT OR UPDATE OF state ON objections"
        " FOR EACH ROW WHEN (NEW.state IN ('received', 'examining'))"
        " EXECUTE FUNCTION refuse_objection_after_award()"
    )
    op.execute(
        "CREATE TRIGGER examiner_apart BEFORE INSERT OR UPDATE OF examiner_id ON objections"
        " FOR EACH ROW WHEN (NEW.examiner_id IS NOT NULL)"
        " EXECUTE FUNCTION refuse_involved_examiner()"
    )


def downgrade() -> None:
    """What was said in the new kinds is lost; who examined counts as who answered."""
    for table, trigger, function in (
        ("notices", "never_edited", "refuse_edited_notice"),
        ("notice_places", "never_edited", "refuse_edited_place"),
        ("notices", "no_open_objection", "refuse_award_while_objected"),
        ("objections", "before_the_award", "refuse_objection_after_award"),
        ("objections", "examiner_apart", "refuse_involved_examiner"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_table("objection_evidence")
    op.drop_table("renunciations")
    _old_objections()
    _old_notices()


def _old_objections() -> None:
    table = "objections"
    for name in OBJECTION_CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.drop_index("uq_objections_open", table_name=table)
    op.drop_constraint("objection_state", table, type_="check")
    op.execute("UPDATE objections SET answer = refusal, state = 'dismissed' WHERE refusal <> ''")
    op.execute("UPDATE objections SET state = 'raised' WHERE state IN ('received', 'examining')")
    op.create_check_constraint(
        "objection_state", table, "state IN ('raised', 'upheld', 'dismissed')"
    )
    op.create_index(
        "uq_objections_open",
        table,
        ["notice_id", "raised_by"],
        unique=True,
        postgresql_where=sa.text("state = 'raised'"),
    )
    for name in ("nonce", "looked_at_by", "looked_at_at", "refusal", "examiner_id", "due_at"):
        op.drop_column(table, name)
    for name in ("effect", "bid_id", "summary"):
        op.drop_column(table, name)


def _old_notices() -> None:
    op.execute("DELETE FROM notices WHERE state = 'announced'")
    op.execute("UPDATE notices SET state = 'withdrawn' WHERE state = 'corrected'")
    op.execute("UPDATE notices SET state = 'published' WHERE state = 'closed'")
    op.drop_constraint("notice_state", "notices", type_="check")
    op.create_check_constraint("notice_state", "notices", f"state IN ({OLD_NOTICES})")
    op.drop_index("uq_notices_standing", table_name="notices")
    op.create_index(
        "uq_notices_standing",
        "notices",
        ["challenge_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    for name in ("points_to_the_old", "withdrawal_is_said"):
        op.drop_constraint(op.f(f"ck_notices_{name}"), "notices", type_="check")
    for name in ("kind", "revision", "replaces_id", "published_by", "reason", "closed_at"):
        op.drop_column("notices", name)
    for name in ("business_contact", "supervision_contact", "fingerprint"):
        op.drop_column("notices", name)
