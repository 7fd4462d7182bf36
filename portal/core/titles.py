"""What a thing is called in the reader's language, where it has a title in both."""

from typing import Protocol

from flask_babel import get_locale


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
    is_english = str(get_locale() or "zh").startswith("en")
    return thing.title_en if is_english and thing.title_en else thing.title
