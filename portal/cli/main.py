"""The `jiebang` command; each verb loads only what it needs."""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import click

from portal.cli.helping import Trouble, language, said, speaking, translated
from portal.config import ROOT, ConfigurationError, Settings
from portal.core.words import N_

GROUPS = {
    "assign": ("portal.cli.assign", "assign"),
    "messages": ("portal.cli.messages", "messages"),
    "demo": ("portal.cli.demo", "demo"),
    "import": ("portal.cli.exchange", "import_group"),
    "export": ("portal.cli.exchange", "export_group"),
    "lifecycles": ("portal.cli.diagrams", "lifecycles"),
    "up": ("portal.cli.serve", "up"),
    "stop": ("portal.cli.serve", "stop"),
    "migrate": ("portal.cli.main", "migrate_command"),
    "clock": ("portal.cli.main", "clock_command"),
    "doctor": ("portal.cli.doctor", "doctor_command"),
    "mail": ("portal.cli.mail", "mail_command"),
    "reset-factor": ("portal.cli.accounts", "reset_factor_command"),
    "outbox": ("portal.cli.doctor", "outbox_command"),
    "log": ("portal.cli.log", "log_group"),
    "seal": ("portal.cli.seal", "seal_command"),
    "key": ("portal.cli.master_key", "key_group"),
    "verify": ("portal.cli.verify", "verify"),
    "backup": ("portal.cli.backup.commands", "backup_command"),
    "rights": ("portal.cli.rights", "rights_command"),
    "rank": ("portal.cli.rank", "rank_command"),
    "restore": ("portal.cli.backup.commands", "restore_command"),
    "simulate": ("portal.cli.simulate", "simulate"),
    "witness": ("portal.cli.verify", "witness"),
}
UNITS = {"d": "days", "h": "hours", "m": "minutes"}
LONGEST_STEP = timedelta(days=3660)
UNDEFINED = ("42P01", "42883")
"""PostgreSQL has no such table, no such function."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    say: Callable[[str], str] | None = None
    """What translates the help of its commands, if it is not to be English."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in GROUPS:
            return None
        module, attribute = GROUPS[name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return translated(command, self.say) if self.say else command

    def main(self, args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:
        """Run, and say it in Chinese where that is asked for."""
        if self.say or language(sys.argv[1:] if args is None else args) == "en":
            return super().main(args, *more, **named)
        say = importlib.import_module("portal.cli.speaking").translator("zh")
        chinese = cast(LazyGroup, translated(self, say))
        chinese.say = say
        with speaking(say):
            return chinese.main(args, *more, **named)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what an operator can put right is told in one sentence."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            if self.say:
                vars(error)["message"] = said(self.say, error)
            raise
        except Exception as error:
            told = sentence(error)
            if told is None:
                raise
            if self.say:
                vars(told)["message"] = said(self.say, told)
            raise told from None


def sentence(error: Exception) -> Trouble | None:
    """What to tell the operator instead of a traceback; None for what only we can put right."""
    if isinstance(error, ConfigurationError):
        return Trouble(str(error))
    if "No space left on device" in str(error) or "Disk quota exceeded" in str(error):
        return Trouble(N_("The disk is full: make room and start again."))
    if isinstance(error, PermissionError) and error.filename:
        return Trouble(N_("This cannot be written to: %(file)s"), file=error.filename)
    if getattr(getattr(error, "orig", None), "sqlstate", None) in UNDEFINED:
        return Trouble(N_("The database has no tables yet; make them with: ./run jiebang migrate"))
    return None


@click.group(cls=LazyGroup)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    expose_value=False,
    help="The language of this help; else that of the terminal.",
)
def main() -> None:
    """Jiebang: publish challenges, take bids, review, award, and follow to acceptance."""


def var_folder() -> Path:
    """Where this checkout keeps what it makes."""
    return Path(os.environ.get("JIEBANG_VAR") or ROOT / "var")


def with_servers() -> Settings:
    """Settings with servers that answer: those configured, else the embedded ones, started if
    need be. Raises ClickException."""
    told = {name: bool(os.environ.get(name)) for name in ("DATABASE_URL", "REDIS_URL")}
    if not all(told.values()):
        if os.environ.get("JIEBANG_ENV") == "production":
            raise click.ClickException(N_("Production needs DATABASE_URL and REDIS_URL."))
        embedded = importlib.import_module("portal.embedded")
        start = {"DATABASE_URL": embedded.start_postgres, "REDIS_URL": embedded.start_valkey}
        try:
            for name in (name for name in told if not told[name]):
                os.environ[name] = start[name](var_folder())
        except embedded.EmbeddedError as error:
            raise click.ClickException(str(error)) from None
    settings = Settings.from_environment()
    if told["DATABASE_URL"]:
        require_database(settings)
    if told["REDIS_URL"]:
        require_broker(settings)
    return settings


def require_database(settings: Settings) -> None:
    """Raise ClickException unless the configured database answers."""
    from sqlalchemy import create_engine  # noqa: PLC0415 - loads slowly; `--help` needs none of it
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        engine = create_engine(settings.database_url, connect_args={"connect_timeout": 5})
        engine.connect().close()
        engine.dispose()
    except (SQLAlchemyError, ImportError, TypeError, ValueError) as error:
        why = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise Trouble(N_("DATABASE_URL does not lead to a database: %(why)s"), why=why) from None


def require_broker(settings: Settings) -> None:
    """Raise ClickException unless the configured broker answers."""
    import redis  # noqa: PLC0415 - as above

    url = settings.redis_url.replace("redis+socket://", "unix://")
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise Trouble(N_("REDIS_URL does not lead to a broker: %(why)s"), why=error) from None


@click.command()
def migrate_command() -> None:
    """Bring the database to the newest migration."""
    settings = with_servers()
    importlib.import_module("portal.cli.database").migrate(settings.database_url)


def parse_step(text: str) -> timedelta:
    """`+8d`, `+3h` or `+20m` as a time span. Raises click.BadParameter."""
    number, unit = text.removeprefix("+")[:-1], text[-1:]
    if text.startswith("-"):
        raise click.BadParameter(N_("the clock moves forward only"))
    if not (number.isascii() and number.isdigit() and len(number) < 8 and unit in UNITS):
        raise click.BadParameter(N_("write it like +8d, +3h or +20m"))
    step = timedelta(**{UNITS[unit]: int(number)})
    if step > LONGEST_STEP:
        raise click.BadParameter(N_("ten years at a time are enough"))
    return step


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("step", default="show")
def clock_command(step: str) -> None:
    """Show the portal's clock, or move it forward: clock +8d (d, h or m).

    Only the demonstration's and the tests' clock can be moved, and never back.
    """
    by = None if step == "show" else parse_step(step)
    settings = with_servers()
    if settings.is_production and by:
        raise click.ClickException(
            N_("In production the clock is the database's, and nobody moves it.")
        )
    service = importlib.import_module("portal.demo.clock")
    with importlib.import_module("portal.cli.context").opened(settings):
        click.echo(service.move(by).isoformat() if by else service.present().isoformat())
