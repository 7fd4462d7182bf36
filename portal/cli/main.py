"""The `jiebang` command; each verb loads only what it needs."""

import importlib
import os
from datetime import timedelta
from pathlib import Path

import click

from portal.config import ROOT, ConfigurationError, Settings

GROUPS = {
    "messages": ("portal.cli.messages", "messages"),
    "demo": ("portal.cli.demo", "demo"),
    "lifecycles": ("portal.cli.diagrams", "lifecycles"),
    "up": ("portal.cli.serve", "up"),
    "stop": ("portal.cli.serve", "stop"),
    "migrate": ("portal.cli.main", "migrate_command"),
    "clock": ("portal.cli.main", "clock_command"),
    "doctor": ("portal.cli.main", "doctor_command"),
}
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in GROUPS:
            return None
        module, attribute = GROUPS[name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup)
def main() -> None:
    """Jiebang (揭榜): publish challenges, take bids, review, award, and follow to acceptance."""


def var_folder() -> Path:
    """Where this checkout keeps what it makes."""
    return Path(os.environ.get("JIEBANG_VAR") or ROOT / "var")


def with_servers() -> Settings:
    """Settings with servers: those configured, else the embedded ones, started if need be."""
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        embedded = importlib.import_module("portal.embedded")
        try:
            servers = embedded.start(var_folder())
        except embedded.EmbeddedError as error:
            raise click.ClickException(str(error)) from None
        os.environ.setdefault("DATABASE_URL", servers.database_url)
        os.environ.setdefault("REDIS_URL", servers.redis_url)
    try:
        return Settings.from_environment()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None


@click.command()
def migrate_command() -> None:
    """Bring the database to the newest migration."""
    settings = with_servers()
    importlib.import_module("portal.cli.database").migrate(settings.database_url)


def parse_step(text: str) -> timedelta:
    """`+8d`, `+3h` or `+20m` as a time span. Raises click.BadParameter."""
    number, unit = text.lstrip("+")[:-1], text[-1:]
    if not number.isdigit() or unit not in UNITS:
        raise click.BadParameter("write it like +8d, +3h or +20m")
    return timedelta(**{UNITS[unit]: int(number)})


@click.command()
@click.argument("step", default="show")
def clock_command(step: str) -> None:
    """Show the portal's clock, or move it forward (demonstration and tests only): clock +8d."""
    settings = with_servers()
    if settings.is_production and step != "show":
        raise click.ClickException(
            "In production the clock is the database's, and nobody moves it."
        )
    by = timedelta() if step == "show" else parse_step(step)
    service = importlib.import_module("portal.demo.clock")
    app = importlib.import_module("portal.app").create_app(settings)
    with app.app_context():
        click.echo(service.move(by).isoformat() if by else service.present().isoformat())


@click.command()
def doctor_command() -> None:
    """Say what is there and whether it answers."""
    settings = with_servers()
    click.echo(f"environment  {settings.environment}")
    click.echo(f"database     {settings.database_url}")
    click.echo(f"broker       {settings.redis_url}")
    client = importlib.import_module("portal.app").create_app(settings).test_client()
    click.echo(f"ready        {client.get('/readyz').json}")
