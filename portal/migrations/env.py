"""Alembic's entry: one connection handed in by portal/cli/database.py, one straight line."""

from alembic import context

from portal.models import metadata

OWN = {"portal_clock"}
"""Made by hand in 0001; no model maps it."""


def _compared(thing: object, name: str | None, *rest: object) -> bool:
    return name not in OWN


connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, compare_type=True, include_object=_compared
)
with context.begin_transaction():
    context.run_migrations()
