"""`jiebang reset-factor`: when no two administrators can sign in to do it together."""

import click

from portal.accounts.factor import resetting
from portal.cli.context import opened
from portal.cli.main import with_servers
from portal.core import clock
from portal.core.db import db
from portal.core.errors import Invalid


@click.command()
@click.argument("email")
def reset_factor_command(email: str) -> None:
    """Take the second factor and all sessions from the account with this address.

    It leaves an entry in the log, and its owner is told. Administrators who can sign in do it on
    the page, two of them together.
    """
    with opened(with_servers()):
        try:
            resetting.reset_by_operator(email, clock.now(db.session))
        except Invalid as error:
            raise click.ClickException(str(error)) from None
    click.echo("The second factor is reset.")
