"""`jiebang rights`: what the role may do as which web and workers run; it cannot touch what is logged."""

import click
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

from portal.cli.main import with_servers
from portal.core.words import N_

KEPT = {
    "audit_log": "SELECT, INSERT",
    "audit_leaves": "SELECT, INSERT",
    "audit_nodes": "SELECT, INSERT",
    "audit_checkpoints": "SELECT, INSERT",
    "audit_cosignatures": "SELECT, INSERT",
    "audit_queue": "SELECT, INSERT, DELETE",
    "alembic_version": "SELECT",
    "portal_clock": "SELECT",
}
"""Tables in which the portal at work changes nothing, or only takes what it has numbered."""
WORK = "SELECT, INSERT, UPDATE, DELETE"


@click.command()
@click.argument("role")
def rights_command(role: str) -> None:
    """Give ROLE of the database what web and workers need, and nothing that changes the log.

    Run it as the owner of the tables, and again after each `migrate`. ROLE must exist (CREATE ROLE …
    LOGIN) and owns nothing. It may neither change nor delete entries, leaves and checkpoints, nor move
    the clock, nor alter tables, so that it cannot switch off their triggers either.
    """
    engine = create_engine(with_servers().database_url)
    try:
        with engine.begin() as connection:
            give(connection, role)
    except ProgrammingError as error:
        raise click.ClickException(str(error.orig).splitlines()[0]) from None
    finally:
        engine.dispose()
    click.echo(N_("Done. Start web and workers with a DATABASE_URL of this role."))


def give(connection: Connection, role: str) -> None:
    """Take all rights from a role in this database, then give it those that it needs."""
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    tables = "ALL TABLES IN SCHEMA public"
    for said in (
        f"REVOKE ALL ON {tables} FROM {name}",
        f"REVOKE CREATE ON SCHEMA public FROM {name}, PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT {WORK} ON {tables} TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}",
        *(f"REVOKE ALL ON {table} FROM {name}" for table in KEPT),
        *(f"GRANT {what} ON {table} TO {name}" for table, what in KEPT.items()),
    ):
        connection.execute(text(said))
