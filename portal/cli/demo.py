"""`jiebang demo …`: the demonstration's data and accounts."""

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from portal.app import create_app
from portal.cli.main import with_servers
from portal.core.access import Role
from portal.demo.load import data
from portal.demo.load import load as load_rows


@click.group()
def demo() -> None:
    """The demonstration."""


@demo.command()
def load() -> None:
    """Enter the demonstration data that is not there yet."""
    settings = with_servers()
    if settings.is_production:
        raise click.ClickException("Demonstration data is not for production.")
    with create_app(settings).app_context(), Progress(transient=True) as progress:
        task = progress.add_task("demonstration data")
        for done, total, what in load_rows():
            progress.update(task, completed=done, total=total, description=what)


@demo.command()
def accounts() -> None:
    """Show the demonstration's accounts, one for each role."""
    table = Table(title=f"Password of all: {data('people')['password']}")
    for heading in ("role", "person", "address", "organisation"):
        table.add_column(heading)
    for person in data("people")["people"]:
        roles = ", ".join(Role(role).label for role in person["roles"])
        table.add_row(roles, person["name"], person["email"], person["organisation"])
    Console().print(table)
