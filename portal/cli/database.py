"""Bringing a database to the newest migration."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

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
    """Upgrade to the newest migration; does nothing when it is there."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        command.upgrade(alembic_config(connection), "head")
        connection.commit()
    engine.dispose()
