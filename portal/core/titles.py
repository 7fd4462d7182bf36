"""What a thing is called in the reader's language, where it has a title in both."""

from typing import Protocol

from flask_babel import get_locale

from portal.core.words import Title


class Titled(Protocol):
    """A thing with a Chinese title, and perhaps an English one."""

    @property
    def title(self) -> str:
        """The Chinese title."""

    @property
    def title_en(self) -> str:
        """The English title; empty where nobody has given one."""


def title_of(thing: Titled) -> str:
    """The English title for who reads English, if there is one; else the Chinese one."""
    return read(both(thing))


def both(thing: Titled) -> Title:
    """Its titles, for a message that is read later in a language of its own."""
    return Title(thing.title, thing.title_en)


def read(title: Title) -> str:
    """The one that the reader reads."""
    is_english = str(get_locale() or "zh").startswith("en")
    return title.en if is_english and title.en else str(title)
