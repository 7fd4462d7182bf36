"""The expected answer for every endpoint (who.yaml), as cells to be asked."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import yaml
from flask import Flask

from tests.site.matrix.addresses import Values
from tests.site.matrix.visitors import Visitor

WHO = Path(__file__).parent / "who.yaml"
UNASKED = {"site.ready", "accounts.sign_in", "factor.ask"}
"""Its answer depends on the servers; its form is everybody's; it needs a sign-in that is under way."""
Key = tuple[str, str]


class Cell(NamedTuple):
    """One endpoint about one side's thing, and who is let in."""

    endpoint: str
    method: str
    side: int
    values: Values
    words: frozenset[str]

    def lets_in(self, visitor: Visitor) -> bool:
        """Whether this visitor is expected to be let in."""
        return bool(self.words & (visitor.own, visitor.other)[self.side])


@cache
def expected() -> dict[Key, frozenset[str]]:
    """Every endpoint and method that the table names, with the words of those who are let in."""
    told = yaml.safe_load(WHO.read_text(encoding="utf-8"))
    return {
        (endpoint, method): frozenset(words.split())
        for method, endpoints in told.items()
        for endpoint, words in endpoints.items()
    }


def named() -> list[Key]:
    """What the file's lines name, one after another: a key named twice would hide one from YAML."""
    method, found = "", []
    for line in WHO.read_text(encoding="utf-8").splitlines():
        name = line.split(":")[0]
        if name.startswith("  "):
            found.append((method, name.strip()))
        elif name.isupper():
            method = name
    return found


def methods_of(app: Flask) -> set[Key]:
    """Every endpoint with what it takes."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in {"GET", "POST"} & (rule.methods or set())
    }


def turn_of(*told: object) -> int:
    """A number that is the same in every run."""
    return int.from_bytes(sha256(repr(told).encode()).digest())


def sample(found: Sequence[Cell]) -> list[Cell]:
    """Of each endpoint and method one side, its own or the other's."""
    kept = {(one.endpoint, one.method): one for one in found}
    for one in found:
        if one.side == turn_of(one.endpoint, one.method) % 2:
            kept[one.endpoint, one.method] = one
    return list(kept.values())


def cells(method: str, homes: Sequence[Mapping[str, Values]]) -> Iterator[Cell]:
    """What there is to ask; what is about no one thing is asked once."""
    for (endpoint, taken), words in sorted(expected().items()):
        if taken == method and endpoint not in UNASKED:
            values = [home.get(endpoint, {}) for home in homes]
            yield Cell(endpoint, method, 0, values[0], words)
            if values[0] != values[1]:
                yield Cell(endpoint, method, 1, values[1], words)
