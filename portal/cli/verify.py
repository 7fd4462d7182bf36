"""`jiebang verify …`: the verifier that strangers run alone, as a command of the portal."""

import sys

import click

from portal.verifier import main


@click.command(
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,  # the verifier has its own
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Check a receipt, an export of the log, or that one log continues another.

    Exit codes: 0 it holds, 1 it does not (the first bad entry is named), 2 wrong use.
    """
    sys.exit(main(arguments))
