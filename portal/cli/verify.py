"""`jiebang verify …` and `jiebang witness …`: what strangers run alone, as commands of the portal."""

import sys

import click

from portal import cosigned, drawn, opened, verifier
from portal import witness as witnessing
from portal.cli.helping import language

PROGRAMS = {"draw": drawn.main, "opening": opened.main, "witnesses": cosigned.main}


@click.command(
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,  # the verifier has its own
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Check a receipt, an export of the log, that one log continues another, the record of an opening
    or of a draw, or who has witnessed a checkpoint.

    Exit codes: 0 it holds, 1 it does not (the first bad entry is named), 2 wrong use.
    """
    arguments = _in_its_language(arguments)
    program = PROGRAMS.get(arguments[0] if arguments else "")
    sys.exit(program(arguments[1:]) if program else verifier.main(arguments))


@click.command(
    context_settings={"ignore_unknown_options": True},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def witness(arguments: tuple[str, ...]) -> None:
    """See that a portal's log only ever grows: for an auditor's own machine.

    Exit codes: 0 it holds, 1 it does not, 2 wrong use, 3 the portal did not answer.
    """
    sys.exit(witnessing.main(_in_its_language(arguments)))


def _in_its_language(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Help speaks as that of the other commands does; what was found, Chinese unless told."""
    asked = {"-h", "--help"} & set(arguments) and "--lang" not in arguments
    return (*arguments, f"--lang={language(sys.argv[1:])}") if asked else arguments
