"""What a command says to people, in Chinese or English, where no portal may be there to translate."""

import sys
from collections.abc import Callable
from typing import Literal

import click
from babel.support import Translations

from portal.cli.helping import language
from portal.cli.messages import TRANSLATIONS, compile_messages
from portal.core.words import Message

Say = Callable[[Message], str]
LANGUAGE = click.option(
    "--lang",
    default="zh",
    type=click.Choice(["zh", "en"]),
    show_default=True,
    help="The language of what is said.",
)


def speaker(lang: Literal["zh", "en"]) -> Say:
    """What turns messages into texts of this language."""
    if lang == "en":
        return str
    translated = translator(lang)

    def say(message: Message) -> str:
        return str(Message(translated(message.text), message.parameters))

    return say


def translator(lang: str) -> Callable[[str], str]:
    """What turns a text into one of this language."""
    compile_messages(lang)
    found: Callable[[str], str] = Translations.load(str(TRANSLATIONS), [lang]).gettext
    return found


def own(text: str) -> str:
    """A text in the language of the terminal, or of the line that was typed there."""
    return translator("zh")(text) if language(sys.argv[1:]) == "zh" else text
