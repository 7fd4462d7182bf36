"""What the pages of the pool show of disciplines, in the language of the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale

from portal.reviews.pool.disciplines import Discipline, names, tree
from portal.reviews.pool.rules import PoolState

TONES = {
    PoolState.PROPOSED: "waiting",
    PoolState.ACTIVE: "done",
    PoolState.RESTING: "neutral",
    PoolState.REMOVED: "late",
}


@dataclass(frozen=True)
class Field:
    """A discipline of the first level with itself and those below it, as (code, label)."""

    label: str
    options: list[tuple[str, str]]

    @property
    def codes(self) -> list[str]:
        """The codes that can be ticked here."""
        return [code for code, _ in self.options]


def _locale() -> str:
    return str(get_locale() or "zh")


def _label(one: Discipline) -> str:
    return f"{one.code} {one.named(_locale())}"


def discipline_tree() -> list[Field]:
    """The choice in two levels."""
    return [
        Field(_label(field), [(one.code, _label(one)) for one in (field, *parts)])
        for field, parts in tree().items()
    ]


def discipline_names(codes: Iterable[str]) -> list[str]:
    """What the codes stand for."""
    return names(codes, _locale())


def values() -> dict[str, Any]:
    """What every page of the pool can use."""
    return {
        "discipline_names": discipline_names,
        "discipline_tree": discipline_tree,
        "pool_tones": TONES,
    }
