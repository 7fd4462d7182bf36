"""Where two texts of a section differ, and how they are made one again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from portal.bids.terms import Json

NAMES = {
    "promises": ("indicator_id",),
    "budget": ("year", "category", "source"),
    "members": ("name",),
    "attachments": ("file_id",),
}
"""By what the rows of a table are known; those of the others by their place."""
SENTENCE = re.compile(r"[^。;；!！?？\n]*[。;；!！?？\n]?")


@dataclass(frozen=True)
class Difference:
    """One text or one row of a table in two versions; None where one of them lacks it."""

    part: str
    name: str
    one: Any
    other: Any

    @property
    def path(self) -> str:
        """How a form calls it."""
        return f"{self.part}/{self.name}" if self.name else self.part


def pieces(content: Json) -> dict[tuple[str, str], Any]:
    """A content taken apart: each text, and each row of each table under its name."""
    found: dict[tuple[str, str], Any] = {}
    for part, value in content.items():
        if isinstance(value, list):
            for number, row in enumerate(value):
                found[part, _name(part, row, number, found)] = row
        elif value:
            found[part, ""] = value
    return found


def _name(part: str, row: Json, number: int, taken: Mapping[tuple[str, str], Any]) -> str:
    words = "-".join(str(row.get(key, "")) for key in NAMES.get(part, ())).strip("-")
    name = words or str(number + 1)
    return name if (part, name) not in taken else f"{name} #{number + 1}"


def differences(one: Json, other: Json) -> list[Difference]:
    """Every piece that is not the same in both, in the order of the first."""
    left, right = pieces(one), pieces(other)
    keys = [*left, *(key for key in right if key not in left)]
    return [
        Difference(*key, left.get(key), right.get(key))
        for key in keys
        if left.get(key) != right.get(key)
    ]


def merged(mine: Json, theirs: Json, taken: Iterable[str]) -> Json:
    """Mine, with those pieces of theirs whose paths are taken; a piece that they lack goes away."""
    wanted = set(taken)
    ours, others = pieces(mine), pieces(theirs)
    result: Json = {part: [] if isinstance(value, list) else "" for part, value in mine.items()}
    for key in [*ours, *(key for key in others if key not in ours)]:
        path = "/".join(key).rstrip("/")
        value = others.get(key) if path in wanted else ours.get(key)
        if value is None:
            continue
        if isinstance(result.get(key[0]), list):
            result[key[0]].append(value)
        else:
            result[key[0]] = value
    return result


def marked(before: str, after: str) -> list[tuple[str, str]]:
    """Two texts as one, sentence by sentence: each with "same", "gone" or "new"."""
    old, new = (SENTENCE.findall(text) for text in (before, after))
    found: list[tuple[str, str]] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[i:j])))
            continue
        found += [("gone", "".join(old[i:j])), ("new", "".join(new[k:m]))]
    return [(kind, text) for kind, text in found if text]
