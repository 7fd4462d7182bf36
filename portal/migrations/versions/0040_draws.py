"""Draws of reviewers in tables of their own; those of rounds that were begun before stay readable."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


STRATUM = ("technical", "industry", "finance")


def upgrade() -> None:
    """Make the tables, move what rounds had, and let the database refuse a change of what is fixed."""
    op.create_table(
        "draws",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            _words("draw_state", "committed", "frozen", "bound", "drawn", "abandoned"),
            nullable=False,
        ),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("locked_secret", sa.LargeBinary(), nullable=True),
        sa.Column("locked_salt", sa.LargeBinary(), nullable=True),
        sa.Column("committed_at", MOMENT, nullable=False),
        sa.Column("pool", JSON, nullable=True),
        sa.Column("pool_hash", sa.String(64), nullable=True),
        sa.Column("named", JSON, nullable=False),
        sa.Column("frozen_by", sa.Uuid(), nullable=True),
        sa.Column("frozen_at", MOMENT, nullable=True),
        sa.Column("bound_at", MOMENT, nullable=True),
        sa.Column("outcome", JSON, nullable=True),
        sa.Column("drawn_at", MOMENT, nullable=True),
        sa.Column("short_at", MOMENT, nullable=True),
        sa.Column("abandoned_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(pool IS NULL) = (pool_hash IS NULL) AND (pool IS NULL) = (frozen_at IS NULL)",
            name=op.f("ck_draws_frozen_whole"),
        ),
        sa.CheckConstraint(
            "(state = 'drawn') = (outcome IS NOT NULL) AND (outcome IS NULL) = (drawn_at IS NULL)",
            name=op.f("ck_draws_drawn_whole"),
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR pool IS NOT NULL", name=op.f("ck_draws_drawn_from_a_pool")
        ),
        sa.CheckConstraint(
            "(state = 'abandoned') = (abandoned_at IS NOT NULL)",
            name=op.f("ck_draws_abandoned_at"),
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_draws_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["frozen_by"], ["people.id"], name=op.f("fk_draws_frozen_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
        sa.UniqueConstraint("challenge_id", "number", name=op.f("uq_draws_challenge_id_number")),
    )
    op.create_index(
        "uq_draws_open",
        "draws",
        ["challenge_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('committed', 'frozen', 'bound')"),
    )
    _make_parties()
    _make_asks()
    _move_old()
    _fix_what_is_fixed()


def _make_parties() -> None:
    op.create_table(
        "draw_parties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("standing", _words("standing", "auditor", "bidder", "custodian"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=True),
        sa.Column("bound_at", MOMENT, nullable=True),
        sa.Column("value", sa.String(400), nullable=True),
        sa.Column("shown_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(fingerprint IS NULL) = (bound_at IS NULL)", name=op.f("ck_draw_parties_bound_whole")
        ),
        sa.CheckConstraint(
            "(value IS NULL) = (shown_at IS NULL)", name=op.f("ck_draw_parties_shown_whole")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["draws.id"],
            name=op.f("fk_draw_parties_draw_id_draws"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_draw_parties_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_draw_parties_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_parties")),
        sa.UniqueConstraint("draw_id", "person_id", name=op.f("uq_draw_parties_draw_id_person_id")),
        sa.UniqueConstraint("draw_id", "position", name=op.f("uq_draw_parties_draw_id_position")),
    )
    op.create_index(op.f("ix_draw_parties_person_id"), "draw_parties", ["person_id"])


def _make_asks() -> None:
    op.create_table(
        "draw_asks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(36), nullable=False),
        sa.Column("stratum", _words("stratum", *STRATUM), nullable=False),
        sa.Column("beside", JSON, nullable=False),
        sa.Column("passed_for", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_draw_asks_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draws.id"], name=op.f("fk_draw_asks_draw_id_draws"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewers.id"], name=op.f("fk_draw_asks_reviewer_id_reviewers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_asks")),
        sa.UniqueConstraint(
            "challenge_id", "position", name=op.f("uq_draw_asks_challenge_id_position")
        ),
        sa.UniqueConstraint(
            "challenge_id", "reviewer_id", name=op.f("uq_draw_asks_challenge_id_reviewer_id")
        ),
    )
    op.create_index(op.f("ix_draw_asks_draw_id"), "draw_asks", ["draw_id"])
    op.create_index(op.f("ix_draw_asks_reviewer_id"), "draw_asks", ["reviewer_id"])


def _move_old() -> None:
    """A draw as it was made before: no secret, the ids themselves as aliases, one order by stratum.

    Challenges that are published keep the seats that they were published with: all alike.
    """
    op.execute(
        """
        UPDATE challenges SET settings = settings || '{"seats_industry": 0, "seats_finance": 0}'
        WHERE published_at IS NOT NULL
        """
    )
    op.execute(
        """
        INSERT INTO draws (id, challenge_id, number, state, commitment, committed_at, pool, pool_hash,
            named, frozen_by, frozen_at, outcome, drawn_at, reason)
        SELECT gen_random_uuid(), r.challenge_id, 1, 'drawn',
            encode(sha256(convert_to(r.seed, 'UTF8')), 'hex'), r.started_at,
            jsonb_build_object('form', 'before', 'mix', jsonb_build_object('technical', r.seats_wanted),
                'strata', jsonb_build_object('technical', (
                    SELECT coalesce(jsonb_agg(jsonb_build_array(p -> 0, p -> 1)), '[]'::jsonb)
                    FROM jsonb_array_elements(r.draw -> 'pool') AS p)),
                'excluded', r.draw -> 'excluded', 'pool', r.draw -> 'pool'),
            encode(sha256(convert_to(r.draw::text, 'UTF8')), 'hex'), '[]', r.started_by, r.started_at,
            jsonb_build_object('seed', r.seed, 'orders',
                jsonb_build_object('technical', r.draw -> 'order')),
            r.started_at, ''
        FROM rounds AS r WHERE r.number = 1 AND r.draw ? 'order'
        """
    )
    op.drop_column("rounds", "draw")
    op.drop_column("rounds", "seed")


def _fix_what_is_fixed() -> None:
    op.execute(
        """
        CREATE FUNCTION draws_stay_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.commitment <> OLD.commitment OR NEW.number <> OLD.number
                OR NEW.challenge_id <> OLD.challenge_id
                OR (OLD.pool IS NOT NULL AND (NEW.pool IS DISTINCT FROM OLD.pool
                    OR NEW.pool_hash IS DISTINCT FROM OLD.pool_hash OR NEW.named <> OLD.named))
                OR (OLD.outcome IS NOT NULL AND NEW.outcome IS DISTINCT FROM OLD.outcome)
            THEN RAISE EXCEPTION 'what is fixed of a draw does not change'; END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER draws_fixed BEFORE UPDATE ON draws "
        "FOR EACH ROW EXECUTE FUNCTION draws_stay_fixed()"
    )


def downgrade() -> None:
    """Rounds get their order back as it was; what was committed to is gone."""
    op.add_column("rounds", sa.Column("seed", sa.String(64), nullable=False, server_default=""))
    op.add_column(
        "rounds", sa.Column("draw", JSON, nullable=False, server_default=sa.text("'{}'::jsonb"))
    )
    op.execute(
        """
        UPDATE rounds AS r SET seed = d.outcome ->> 'seed',
            draw = jsonb_build_object('pool', d.pool -> 'pool', 'excluded', d.pool -> 'excluded',
                'order', d.outcome -> 'orders' -> 'technical')
        FROM draws AS d
        WHERE d.challenge_id = r.challenge_id AND r.number = 1 AND d.locked_salt IS NULL
        """
    )
    op.alter_column("rounds", "seed", server_default=None)
    op.alter_column("rounds", "draw", server_default=None)
    op.drop_table("draw_asks")
    op.drop_table("draw_parties")
    op.drop_table("draws")
    op.execute("DROP FUNCTION draws_stay_fixed()")
