"""`jiebang demo …`: the demonstration's data and accounts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import click
from flask import Flask
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import make_url

from portal.app import create_app
from portal.cli.context import opened
from portal.cli.main import with_servers
from portal.cli.speaking import own
from portal.config import Settings
from portal.core.access import Role
from portal.core.errors import DomainError
from portal.core.words import N_
from portal.demo import clock
from portal.demo.keys import shares
from portal.demo.load import is_begun
from portal.demo.load import load as load_rows
from portal.demo.reading import data
from portal.demo.walk.browser import HttpBrowser, WalkError
from portal.demo.walk.steps import STEPS
from portal.demo.walk.steps import walk as take_steps
from portal.demo.walk.story import World, name_of

PRINTED_WIDTH = 110
"""Columns of the table where the output is no terminal."""
KEPT = N_(
    "The demonstration here was begun by another version, and what is new does not fit it"
    " (%(reason)s). It stays as it is. To begin anew: ./run stop, then delete %(folder)s"
)
"""Instead of a failure: what somebody entered into a demonstration is theirs."""


@click.group()
def demo() -> None:
    """The demonstration."""


@demo.command()
def load() -> None:
    """Enter the demonstration data that is not there yet."""
    enter_data(with_servers())


def enter_data(settings: Settings) -> None:
    """Enter the data, with a progress bar; those of another version stay. Raises ClickException in
    production."""
    if settings.is_production:
        raise click.ClickException(N_("Demonstration data is not for production."))
    with opened(hasty(settings)), Progress(transient=True) as progress:
        task, begun = progress.add_task(own(N_("demonstration data"))), is_begun()
        try:
            for done, total, what in load_rows():
                progress.update(task, completed=done, total=total, description=what)
        except DomainError as error:
            if not begun:
                raise
            told = {"reason": error, "folder": settings.var}
            progress.console.print(own(KEPT) % told, markup=False, soft_wrap=True)


def hasty(settings: Settings) -> Settings:
    """The same, with commits that do not wait for the disc, of which there are thousands: what a
    crash takes with it is entered when the data are entered again."""
    url = make_url(settings.database_url)
    options = f"{url.query.get('options', '')} -c synchronous_commit=off".strip()
    told = url.update_query_dict({"options": options})
    return replace(settings, database_url=told.render_as_string(hide_password=False))


@demo.command()
def accounts() -> None:
    """Show the demonstration's accounts, one for each role."""
    show_accounts()


def show_accounts() -> None:
    """Print the table of accounts and their one password."""
    table = Table(title=own(N_("Password of all: %(password)s")) % data("people"))
    for heading in (N_("Role"), N_("Person")):
        table.add_column(own(heading))
    table.add_column(own(N_("E-mail address")), no_wrap=True)  # copied from here: never cut off
    table.add_column(own(N_("Organisation")))
    for person in data("people")["people"]:
        roles = ", ".join(own(Role(role).label) for role in person["roles"])
        table.add_row(roles, person["name"], person["email"], person["organisation"])
    console = Console()
    (console if console.is_terminal else Console(width=PRINTED_WIDTH)).print(table)
    title = N_("Shares that open the demonstration's bids (any two; printed only here)")
    told = Table(title=own(title))
    for heading in (N_("Share"), N_("As its custodian types it")):
        told.add_column(own(heading), no_wrap=True)
    for holder, text in shares().items():
        told.add_row(str(holder), text)
    (console if console.is_terminal else Console(width=PRINTED_WIDTH)).print(told)


@dataclass(frozen=True)
class MovableClock:
    """The portal's clock, as the walk moves it."""

    app: Flask

    def present(self) -> datetime:
        """The portal's time."""
        with self.app.app_context():
            return clock.present()

    def move(self, by: timedelta) -> datetime:
        """Move it forward and return the new time."""
        with self.app.app_context():
            return clock.move(by)


@demo.command()
@click.option("--base-url", required=True, help="Where the portal listens.")
@click.option("--lang", default="zh", type=click.Choice(["zh", "en"]), show_default=True)
def walk(base_url: str, lang: str) -> None:
    """Walk the whole way once, from a challenge to an accepted project, as its own users."""
    walk_once(with_servers(), base_url, lang)


def walk_once(settings: Settings, base_url: str, lang: str) -> None:
    """Take every step of the walk, and print it. Raises ClickException at the first that fails."""
    if settings.is_production:
        raise click.ClickException(N_("The walk moves the clock; it is not for production."))
    world = World(lambda _: HttpBrowser(base_url, lang), MovableClock(create_app(settings)))
    with Progress(transient=True) as progress:
        task = progress.add_task(own(N_("the whole way")), total=len(STEPS))
        try:
            for number, (step, outcome) in enumerate(take_steps(world), start=1):
                who = name_of(step.who)
                progress.console.print(f"{number:2} {who} {step.what}", highlight=False)
                progress.console.print(f"   {outcome}", style="green", highlight=False)
                progress.advance(task)
        except WalkError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"All {len(STEPS)} steps held: from a challenge to an accepted project.")
