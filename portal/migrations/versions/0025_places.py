"""Who holds a place on the teams of a challenge, so that the database lets nobody hold two."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

PLACES = """
    SELECT team.bid_id, team.organisation_id, bids.challenge_id, bids.state <> 'draft'
    FROM bids
    JOIN challenges ON challenges.id = bids.challenge_id
    CROSS JOIN LATERAL (
        SELECT bids.id, bids.lead_id WHERE bids.state <> 'draft'
        UNION
        SELECT bid_id, organisation_id FROM bid_partners
        WHERE bid_id = bids.id AND bid_partners.state IN ('confirmed')
    ) AS team (bid_id, organisation_id)
    WHERE bids.state <> 'withdrawn'
    AND coalesce((challenges.settings ->> 'one_team_per_challenge')::boolean, true)
"""
"""A draft is led without holding a place: others may still win its lead as a partner."""

KEEP = """
CREATE FUNCTION keep_held_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid;
BEGIN
    IF TG_TABLE_NAME = 'bids' THEN
        changed := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        changed := OLD.bid_id;
    ELSE
        changed := NEW.bid_id;
    END IF;
    -- Whoever changes the team waits for whoever changes the state of the bid.
    PERFORM FROM bids WHERE id = changed FOR NO KEY UPDATE;
    DELETE FROM held_places WHERE bid_id = changed;
    INSERT INTO held_places (bid_id, organisation_id, challenge_id, handed_in)
    {places} AND bids.id = changed;
    RETURN NULL;
END $$
"""
TRIGGERS = {
    "bids": "INSERT OR UPDATE OF state",
    "bid_partners": "INSERT OR DELETE OR UPDATE OF state",
}


def upgrade() -> None:
    """Make them, and place whoever is on a team now; who is on two keeps the first."""
    op.create_table(
        "held_places",
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("handed_in", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bid_id"], ["bids.id"], name=op.f("fk_held_places_bid_id_bids"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bid_id", "organisation_id", name=op.f("pk_held_places")),
        sa.UniqueConstraint(
            "challenge_id",
            "organisation_id",
            "handed_in",
            name=op.f("uq_held_places_challenge_id_organisation_id_handed_in"),
        ),
    )
    op.execute(
        "INSERT INTO held_places (bid_id, organisation_id, challenge_id, handed_in)"
        + PLACES
        + " ORDER BY bids.started_at, bids.id ON CONFLICT DO NOTHING"
    )
    op.execute(KEEP.format(places=PLACES))
    for table, happens in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER keep_held_places AFTER {happens} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION keep_held_places()"
        )


def downgrade() -> None:
    """Drop them."""
    for table in TRIGGERS:
        op.execute(f"DROP TRIGGER keep_held_places ON {table}")
    op.execute("DROP FUNCTION keep_held_places()")
    op.drop_table("held_places")
