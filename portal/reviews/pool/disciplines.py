"""The disciplines of GB/T 13745-2009 in two levels: codes of three and of five digits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().with_suffix(".yaml")
FIRST = 3
"""How many digits of a code name its discipline of the first level."""


@dataclass(frozen=True)
class Discipline:
    """One discipline; `unsure` when it could not be compared with the printed standard."""

    code: str
    zh: str
    en: str
    unsure: bool = False

    @property
    def field(self) -> str:
        """The code of its first level, which may be its own."""
        return self.code[:FIRST]

    def named(self, locale: str) -> str:
        """Its name in a language."""
        return self.en if locale == "en" else self.zh


@lru_cache(maxsize=1)
def disciplines() -> dict[str, Discipline]:
    """Every discipline by its code, in the order of the standard."""
    rows = yaml.load(SOURCE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {row["code"]: Discipline(**row) for row in rows}


@lru_cache(maxsize=1)
def tree() -> dict[Discipline, list[Discipline]]:
    """The disciplines of the first level, each with those of the second that the list has."""
    found: dict[Discipline, list[Discipline]] = {}
    for one in disciplines().values():
        if len(one.code) == FIRST:
            found[one] = []
        else:
            found[disciplines()[one.field]].append(one)
    return found


def under(code: str) -> list[str]:
    """A code with the codes below it: what somebody may have who knows that field."""
    return [known for known in disciplines() if known.startswith(code)]


def code_of(words: str) -> str | None:
    """The code that was meant: “520.20”, “52020”, “52020 人工智能”, or a name alone."""
    digits = re.match(r"\s*(\d{3})[.．]?(\d{2})?(?!\d)", words)
    if digits:
        code = digits[1] + (digits[2] or "")
        return code if code in disciplines() else None
    return _by_name().get(words.strip().casefold())


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    """Codes by name; a name that two have is the broader one's."""
    found: dict[str, str] = {}
    for one in disciplines().values():
        for name in (one.zh, one.en.casefold()):
            found.setdefault(name, one.code)
    return found


def names(codes: Iterable[str], locale: str) -> list[str]:
    """The names of these codes; a code that the list no longer has stands for itself."""
    known = disciplines()
    return [known[code].named(locale) if code in known else code for code in codes]
