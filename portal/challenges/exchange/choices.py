"""Kinds of cells that hold words of a fixed list, or several of something."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.challenges.exchange.kinds import Line, Raw, Written, Wrong, as_text
from portal.core.words import N_


def folded(text: str) -> str:
    """A word for comparing: width, case and spaces do not count."""
    return re.sub(r"[\s*_：:]", "", unicodedata.normalize("NFKC", text)).casefold()


@dataclass(frozen=True)
class Choice:
    """One of a few words: for each member the Chinese, the English, and what else is understood."""

    words: Mapping[object, tuple[str, ...]]
    empty: object = None

    def read(self, raw: Raw, now: datetime) -> object:
        """The member. Raises Wrong, naming the choices."""
        found = self._known().get(folded(as_text(raw)))
        if found is None:
            raise Wrong(N_("Not one of the choices: %(choices)s."), choices=self._choices())
        return found[0]

    def _known(self) -> dict[str, tuple[object]]:
        known: dict[str, tuple[object]] = {}
        for member, words in self.words.items():
            for word in (*words, str(self.plain(member))):
                known[folded(word)] = (member,)
        return known

    def _choices(self) -> str:
        return ", ".join(f"{words[0]} ({self.plain(m)})" for m, words in self.words.items())

    def plain(self, value: object) -> Written:
        """The member's code."""
        return value if isinstance(value, bool) else str(value)

    def cell(self, value: object, language: str) -> Written:
        """The member's word."""
        return self.words[value][0 if language == "zh" else 1]


@dataclass(frozen=True)
class Several:
    """Some of a few words, with commas."""

    one: Choice
    empty: object = ()

    def read(self, raw: Raw, now: datetime) -> tuple[object, ...]:
        """The members, each once, in the order of the choices. Raises Wrong."""
        parts = [part for part in re.split(r"[,，、;；\n]+", as_text(raw)) if part.strip()]
        chosen = {self.one.read(part, now) for part in parts}
        return tuple(member for member in self.one.words if member in chosen)

    def plain(self, value: object) -> Written:
        """Their codes with commas."""
        return ", ".join(str(self.one.plain(member)) for member in _each(value))

    def cell(self, value: object, language: str) -> Written:
        """Their words with commas."""
        joint = "、" if language == "zh" else ", "
        return joint.join(str(self.one.cell(member, language)) for member in _each(value))


def _each(value: object) -> tuple[object, ...]:
    if not isinstance(value, tuple):
        raise TypeError(value)
    return value


@dataclass(frozen=True)
class Named:
    """Something with a name of its own, told apart by a code."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Reference(Line):
    """The name or the code of something that the portal knows; which one is found elsewhere."""

    def plain(self, value: object) -> Written:
        """Its code."""
        return super().plain(value.code if isinstance(value, Named) else value)

    def cell(self, value: object, language: str) -> Written:
        """Its name."""
        if not isinstance(value, Named):
            return super().cell(value, language)
        return self.normal(value.zh if language == "zh" else value.en or value.zh)


@dataclass(frozen=True)
class Shares:
    """Several whole numbers, as `40, 30, 20, 10`."""

    empty: object = ()

    def read(self, raw: Raw, now: datetime) -> tuple[int, ...]:
        """The numbers. Raises Wrong."""
        parts = re.split(r"[,/、;\s]+", unicodedata.normalize("NFKC", as_text(raw)))
        if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
            raise Wrong(N_("Please enter whole numbers with commas, like 40, 30, 20, 10."))
        return tuple(int(part) for part in parts)

    def plain(self, value: object) -> Written:
        """The numbers with commas."""
        return ", ".join(str(part) for part in _each(value))

    def cell(self, value: object, language: str) -> Written:
        """The same."""
        return self.plain(value)
