"""The portal's clock, before any table that uses it."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row says how far the clock is ahead; zero in production."""
    op.execute(
        "CREATE TABLE portal_clock ("
        " single boolean PRIMARY KEY DEFAULT true CONSTRAINT ck_portal_clock_one_row CHECK (single),"
        " ahead interval NOT NULL DEFAULT '0'"
        " CONSTRAINT ck_portal_clock_forward CHECK (ahead >= '0'))"
    )
    op.execute("INSERT INTO portal_clock DEFAULT VALUES")
    op.execute(
        "CREATE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
        "$$ SELECT clock_timestamp() + (SELECT ahead FROM portal_clock) $$"
    )


def downgrade() -> None:
    """Remove both."""
    op.execute("DROP FUNCTION portal_now()")
    op.execute("DROP TABLE portal_clock")
