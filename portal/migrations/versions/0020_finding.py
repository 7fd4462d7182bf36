"""Following, and the postings: what of each published challenge the list can be searched by.

The postings are kept by triggers, so that no way of changing a challenge can forget them: whatever
writes a challenge, its indicators or funds, or renames its cluster has its effect on the list in the
same transaction. What is a word is told by finding_words(), as portal/challenges/finding/rules.py
tells it for what a reader types; a test holds the two together.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WORDS = r"""
CREATE FUNCTION finding_words(body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH plain AS (
        SELECT lower(normalize(body, NFKC) COLLATE "C") AS body
    ), letters AS (
        SELECT letter, lead(letter) OVER (ORDER BY place) AS following
        FROM plain, unnest(string_to_array(body, NULL)) WITH ORDINALITY AS one (letter, place)
    ), signs AS (
        SELECT letter, following,
            letter COLLATE "C" BETWEEN U&'\3040' AND U&'\D7AF' OR letter IN (U&'\3005', U&'\3007')
            OR letter COLLATE "C" BETWEEN U&'\+020000' AND U&'\+03FFFD' AS is_sign,
            following COLLATE "C" BETWEEN U&'\3040' AND U&'\D7AF'
            OR following IN (U&'\3005', U&'\3007')
            OR following COLLATE "C" BETWEEN U&'\+020000' AND U&'\+03FFFD' AS is_followed
        FROM letters
    )
    SELECT array_to_tsvector(coalesce(array_agg(DISTINCT word), '{}')) FROM (
        SELECT letter AS word FROM signs WHERE is_sign
        UNION ALL SELECT letter || following FROM signs WHERE is_sign AND is_followed
        UNION ALL SELECT left(found[1], 40) FROM plain,
            regexp_matches(body, '[a-z0-9\u00C0-\u024F\u0370-\u04FF]+', 'g') AS found
    ) AS words
$$"""
BY_INDEX = (
    "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
    " SET join_collapse_limit = 1"
)
"""From what has changed, key by key: a plan is kept from when the tables were empty, and what was
right then (to read a table whole, all challenges of a call) would cost more with every challenge."""
POST = """
CREATE FUNCTION post_challenges(changed uuid[]) RETURNS void LANGUAGE sql {by_index} AS $$
    DELETE FROM postings WHERE challenge_id = ANY (changed) AND NOT EXISTS (
        SELECT FROM challenges
        WHERE id = challenge_id AND published_at IS NOT NULL AND state <> 'draft'
    );
    INSERT INTO postings
        (challenge_id, published_at, closes_at, state, cluster, district, field, money, words)
    SELECT challenge.id, challenge.published_at, challenge.closes_at, challenge.state,
        cluster.slug, cluster.district, challenge.field,
        coalesce((
            SELECT sum(amount) FROM challenge_funds
            WHERE challenge_id = challenge.id AND source IN ('city', 'district')
        ), 0),
        finding_words(concat_ws(
            chr(10), challenge.code, challenge.title, challenge.title_en, challenge.summary,
            challenge.summary_en, challenge.background, challenge.content,
            challenge.scenario_site, challenge.scenario_owner, challenge.scenario_use,
            challenge.field, challenge.deliverables, cluster.name, cluster.name_en, (
                SELECT string_agg(name, chr(10)) FROM indicators WHERE challenge_id = challenge.id
            )
        ))
    FROM unnest(changed) AS one (id)
    JOIN challenges AS challenge ON challenge.id = one.id
    JOIN calls AS call ON call.id = challenge.call_id
    JOIN clusters AS cluster ON cluster.id = call.cluster_id
    WHERE challenge.published_at IS NOT NULL AND challenge.state <> 'draft'
    ORDER BY challenge.id
    ON CONFLICT (challenge_id) DO UPDATE SET
        published_at = excluded.published_at, closes_at = excluded.closes_at,
        state = excluded.state, cluster = excluded.cluster, district = excluded.district,
        field = excluded.field, money = excluded.money, words = excluded.words
    WHERE (postings.*) IS DISTINCT FROM (excluded.*)
$$"""
TRIGGERED = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql {by_index} AS $$
BEGIN
    {body};
    RETURN NULL;
END
$$"""
BODIES = {
    "post_changed_challenges": "PERFORM post_challenges(ARRAY(SELECT id FROM changed))",
    "post_changed_parts": (
        "PERFORM post_challenges(ARRAY("
        "SELECT DISTINCT challenge_id FROM changed JOIN postings USING (challenge_id)))"
    ),
    "post_changed_calls": (
        "PERFORM post_challenges(ARRAY(SELECT challenge.id FROM challenges AS challenge"
        " JOIN changed ON changed.id = challenge.call_id JOIN earlier ON earlier.id = changed.id"
        " WHERE earlier.cluster_id <> changed.cluster_id))"
    ),
    "post_changed_clusters": (
        "PERFORM post_challenges(ARRAY(SELECT posting.challenge_id FROM postings AS posting"
        " JOIN earlier ON earlier.slug = posting.cluster JOIN changed ON changed.id = earlier.id"
        " WHERE (earlier.slug, earlier.name, earlier.name_en, earlier.district)"
        " IS DISTINCT FROM (changed.slug, changed.name, changed.name_en, changed.district)))"
    ),
    "count_postings": (
        "INSERT INTO posting_counts (cluster, district, field, state, number)"
        " SELECT cluster, district, field, state, count(*) FROM changed GROUP BY 1, 2, 3, 4"
    ),
    "discount_postings": (
        "INSERT INTO posting_counts (cluster, district, field, state, number)"
        " SELECT cluster, district, field, state, -count(*) FROM changed GROUP BY 1, 2, 3, 4"
    ),
    "recount_postings": (
        "INSERT INTO posting_counts (cluster, district, field, state, number)"
        " SELECT cluster, district, field, state, sum(number) FROM ("
        "SELECT cluster, district, field, state, 1 AS number FROM changed"
        " UNION ALL SELECT cluster, district, field, state, -1 FROM earlier) AS one"
        " GROUP BY 1, 2, 3, 4 HAVING sum(number) <> 0"
    ),
}
INSERTED, DELETED = "NEW TABLE AS changed", "OLD TABLE AS changed"
BOTH = "OLD TABLE AS earlier NEW TABLE AS changed"
TRIGGERS = [
    ("challenges", "INSERT", INSERTED, "post_changed_challenges"),
    ("challenges", "UPDATE", INSERTED, "post_changed_challenges"),
    *[
        (table, event, tables, "post_changed_parts")
        for table in ("indicators", "challenge_funds")
        for event, tables in (("INSERT", INSERTED), ("UPDATE", INSERTED), ("DELETE", DELETED))
    ],
    ("calls", "UPDATE", BOTH, "post_changed_calls"),
    ("clusters", "UPDATE", BOTH, "post_changed_clusters"),
    ("postings", "INSERT", INSERTED, "count_postings"),
    ("postings", "DELETE", DELETED, "discount_postings"),
    ("postings", "UPDATE", BOTH, "recount_postings"),
]


def upgrade() -> None:
    """Make them, and post what is published already."""
    _make_follows()
    _make_searches()
    _make_postings()
    op.execute(WORDS)
    op.execute(POST.format(by_index=BY_INDEX))
    for function, body in BODIES.items():
        op.execute(TRIGGERED.format(function=function, body=body, by_index=BY_INDEX))
    for table, event, tables, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {function}_{event.lower()} AFTER {event} ON {table}"
            f" REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
    # What a cluster, its district, a field and a state have to do with each other.
    op.execute(
        "CREATE STATISTICS postings_together (mcv, dependencies)"
        " ON cluster, district, field, state FROM postings"
    )
    op.execute("ALTER TABLE postings ALTER COLUMN words SET STATISTICS 300")
    # The words lie beside the row, so that what is walked by date stays small.
    op.execute("ALTER TABLE postings SET (toast_tuple_target = 256)")
    op.execute("SELECT post_challenges(ARRAY(SELECT id FROM challenges))")


def _make_follows() -> None:
    op.create_table(
        "follows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_follows_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_follows_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
        sa.UniqueConstraint(
            "challenge_id", "person_id", name=op.f("uq_follows_challenge_id_person_id")
        ),
    )
    op.create_index("ix_follows_newest", "follows", ["person_id", "at", "id"], unique=False)


def _make_searches() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("cluster", sa.String(length=200), nullable=False),
        sa.Column("district", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("terms", postgresql.TSQUERY(), nullable=True),
        sa.Column("budget_from", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("budget_to", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("closes_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("portal_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_saved_searches_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_saved_searches_person_id_name")),
    )
    op.create_table(
        "quiet_people",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_quiet_people_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_quiet_people")),
    )


def _make_postings() -> None:
    op.create_table(
        "postings",
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("cluster", sa.String(length=60), nullable=False),
        sa.Column("district", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("money", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_postings_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("challenge_id", name=op.f("pk_postings")),
    )
    for name, first in (
        ("newest", "published_at"),
        ("deadline", "closes_at"),
        ("budget", "money"),
    ):
        op.create_index(f"ix_postings_{name}", "postings", [first, "challenge_id"])
    for name in ("cluster", "district", "field", "state"):
        op.create_index(
            f"ix_postings_{name}_newest", "postings", [name, "published_at", "challenge_id"]
        )
    op.create_index(
        "ix_postings_state_deadline", "postings", ["state", "closes_at", "challenge_id"]
    )
    op.create_index(
        "ix_postings_words",
        "postings",
        ["words"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "posting_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("cluster", sa.String(length=60), nullable=False),
        sa.Column("district", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting_counts")),
    )


def downgrade() -> None:
    """Drop them, the triggers with their functions."""
    for function in BODIES:
        op.execute(f"DROP FUNCTION {function}() CASCADE")
    op.execute("DROP FUNCTION post_challenges(uuid[])")
    op.execute("DROP FUNCTION finding_words(text)")
    op.drop_table("quiet_people")
    op.drop_table("saved_searches")
    op.drop_table("posting_counts")
    op.drop_table("postings")
    op.drop_index("ix_follows_newest", table_name="follows")
    op.drop_table("follows")
