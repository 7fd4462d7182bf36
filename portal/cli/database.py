"""Bringing a database to the newest migration."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import clock
from portal.core.access import SYSTEM

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
MIGRATION_LOCK = 0x6A62_6D69_67
"""Advisory lock, so that two processes that start together do not migrate twice."""


def alembic_config(connection: Connection) -> Config:
    """Alembic on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def migrate(url: str) -> None:
    """Upgrade to the newest migration; does nothing when it is there.

    A change of tables that were there stands in the log; their making is older than the log.
    """
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        before = _revision(connection)
        command.upgrade(alembic_config(connection), "head")
        connection.commit()
        after = _revision(connection)
        if before and before != after:
            _note(connection, before, after)
    engine.dispose()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _note(connection: Connection, before: str, after: str | None) -> None:
    facts = {"before": before, "after": after}
    with Session(connection) as session:
        audit.record(
            session, SYSTEM, Action.DATABASE_MIGRATED, "database", clock.now(session), **facts
        )
    connection.commit()
