"""What the registry's list shows beside the projects: its filters with their counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from portal.projects.registry.finding import CHOSEN, Asked

MOST_CHOICES = 60


@dataclass(frozen=True)
class Choice:
    """A value of a filter, and how many projects it would show."""

    value: str
    label: str
    count: int


def choices(
    asked: Asked,
    counted: Mapping[str, Counter[str]],
    clusters: Mapping[str, tuple[str, str]],
    english: bool,
) -> dict[str, list[Choice]]:
    """For each filter what can be chosen, the commonest first; years from the latest."""
    found = {name: _choices(asked, name, counted[name]) for name in CHOSEN}
    found["cluster"] = [
        Choice(one.value, _name(clusters, one.value, english), one.count)
        for one in found["cluster"]
    ]
    found["year"].sort(key=lambda one: one.value, reverse=True)
    return found


def _choices(asked: Asked, name: str, counts: Counter[str]) -> list[Choice]:
    chosen = getattr(asked, name)
    values = [value for value, _ in counts.most_common(MOST_CHOICES) if value]
    if chosen and chosen not in values:
        values.append(chosen)
    return [Choice(value, value, counts[value]) for value in values]


def _name(clusters: Mapping[str, tuple[str, str]], slug: str, english: bool) -> str:
    names = clusters.get(slug)
    return slug if names is None else names[1] if english and names[1] else names[0]
