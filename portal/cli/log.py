"""`jiebang log …`: the log's key, a checkpoint, the export, and erasing what an entry says."""

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from portal.audit import checkpoints, keeping, service
from portal.audit.exporting import export, public_lines, whole_lines
from portal.audit.notes import is_name, verifier_key
from portal.audit.rules import Occasion
from portal.bids.secrecy import withheld
from portal.cli.context import opened
from portal.cli.helping import Trouble
from portal.cli.main import with_servers
from portal.core import clock, signing
from portal.core.access import SYSTEM
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import signer
from portal.core.words import N_


@click.group()
def log_group() -> None:
    """The log that nobody can change unseen."""


@log_group.command()
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def key(name: str, file: Path) -> None:
    """Make the key of a production's log: NAME such as portal.example/log, FILE for JIEBANG_LOG_KEY.

    The name is the log's for good. Keep a copy of the file where the portal's backups are not.
    """
    if not is_name(name) or name == signing.DEMO_NAME:
        raise click.BadParameter(N_("a name without spaces and plus, such as portal.example/log"))
    try:
        signing.make(file, name)
    except FileExistsError:
        raise Trouble(N_("%(file)s is there already; no key is written over."), file=file) from None
    made = signing.load(file)
    click.echo(str(verifier_key(made.name, made.key)))


@log_group.command("export")
@click.option("--whole", is_flag=True, help="With all that the entries say, as auditors get it.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Else stdout."
)
def export_command(whole: bool, output: Path | None) -> None:
    """Write the log up to its last public checkpoint, as JSON Lines that `verify log` checks."""
    with opened(with_servers()), ExitStack() as stack:
        if whole:
            service.take_whole(SYSTEM, clock.now(db.session))
        target = stack.enter_context(output.open("wb")) if output else sys.stdout.buffer
        lines = whole_lines(withheld) if whole else public_lines
        for batch in export(db.engine, signer().name, lines):
            target.write(batch)


@log_group.command()
def checkpoint() -> None:
    """Make a public checkpoint of all that is logged, if there is news, and print the last."""
    settings = with_servers()
    with opened(settings):
        made = checkpoints.make(signer(), Occasion.REGULAR, clock.now(db.session))
        keeping.keep(db.session, settings.checkpoints_file)
        if made is None:
            raise click.ClickException(N_("The log is empty."))
        click.echo(made.note, nl=False)


@log_group.command()
@click.argument("number", type=click.IntRange(min=0))
@click.option("--reason", required=True, help="Why; it stands in the log.")
def erase(number: int, reason: str) -> None:
    """Erase what an entry says, for personal data that must go. This leaves an entry.

    Its time, kind, subject and account stay, and the log can be verified as before.
    """
    with opened(with_servers()):
        try:
            service.erase(SYSTEM, number, reason, clock.now(db.session))
        except NotFound:
            raise Trouble(N_("There is no entry %(number)s."), number=number) from None
