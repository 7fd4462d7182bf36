"""What `--help` says, in the language of whoever asks: `--lang` on the line, else the terminal's."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import pairwise

import click
import click.core
import click.decorators
import click.exceptions
import click.formatting

from portal.core.words import N_, Message

CLICKS_OWN = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("default: {default}"),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
)
"""Sentences of click's that our commands show."""
COLUMNS = 50
"""Characters of a line of Chinese help; each is two columns wide."""
TERMINAL = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where a terminal says its language; the first that is set counts."""


class Trouble(click.ClickException):
    """What an operator can put right; its facts stand apart, so that it is said in either language."""

    def __init__(self, text: str, **facts: object) -> None:
        self.told = Message(text, facts)
        super().__init__(str(self.told))


def said(say: Callable[[str], str], error: click.ClickException) -> str:
    """What an error says in another language."""
    told = error.told if isinstance(error, Trouble) else Message(error.message)
    return str(Message(say(told.text), told.parameters))


def language(line: Sequence[str]) -> str:
    """The language of what is asked for on this line."""
    asked = [after for before, after in pairwise(line) if before == "--lang"]
    wish = next((os.environ[name] for name in TERMINAL if os.environ.get(name)), "")
    return "zh" if (asked or [wish])[-1].startswith("zh") else "en"


def paragraphs(told: str | None) -> list[str]:
    """A help text, each paragraph in one line, as the catalogues have it."""
    found = [" ".join(one.split()) for one in re.split(r"\n\s*\n", told or "")]
    return [one for one in found if one]


def words_of(command: click.Command) -> Iterator[str]:
    """Every text that the help of a command and of all below it shows."""
    yield from paragraphs(command.help)
    for one in command.params:
        yield from paragraphs(getattr(one, "help", None))
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from words_of(below)


def translated(command: click.Command, say: Callable[[str], str]) -> click.Command:
    """A command whose help, and that of all below it, is in another language."""
    made = copy(command)
    vars(made)["_help_option"] = None  # click keeps it once it was made
    made.help = "\n\n".join(say(one) for one in paragraphs(command.help))
    made.short_help = re.split("[。；：]", made.help)[0]
    made.context_settings = {**command.context_settings, "max_content_width": COLUMNS}
    made.params = [_translated_option(one, say) for one in command.params]
    if isinstance(made, click.Group):
        made.commands = {name: translated(one, say) for name, one in made.commands.items()}
    return made


def _translated_option(one: click.Parameter, say: Callable[[str], str]) -> click.Parameter:
    made = copy(one)
    if isinstance(made, click.Option) and made.help:
        made.help = say(" ".join(made.help.split()))
    return made


@contextmanager
def speaking(say: Callable[[str], str]) -> Iterator[None]:
    """Click's own sentences in another language; it would take the environment's, which is also that
    of every server that a command starts."""
    modules = (click.core, click.decorators, click.exceptions, click.formatting)
    before = [vars(module)["_"] for module in modules]
    for module in modules:
        vars(module)["_"] = say
    try:
        yield
    finally:
        for module, kept in zip(modules, before, strict=True):
            vars(module)["_"] = kept
