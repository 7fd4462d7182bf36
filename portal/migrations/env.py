"""Alembic's entry: one connection handed in by portal/cli/database.py, one straight line."""

from alembic import context

from portal.models import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
