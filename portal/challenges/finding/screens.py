"""What the list's page shows beside the challenges: its filters with their counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from portal.challenges.finding.lists import SORTED_BY, Counts
from portal.challenges.finding.rules import NAMES, STAGES, Filters

MOST_CHOICES = 60
"""Values of a filter that are offered; the commonest."""


@dataclass(frozen=True)
class Choice:
    """A value of a filter, and how many challenges it would show; None when nobody has counted."""

    value: str
    label: str
    count: int | None


def place_of(row: Row[Any], filters: Filters) -> str:
    """A row's place in the list, for the address that goes on from there."""
    value: datetime | Decimal = getattr(row, SORTED_BY[filters.sort].key)
    key: UUID = row.id
    return f"{value.isoformat() if isinstance(value, datetime) else value}|{key}"


def kept(arguments: Mapping[str, str]) -> dict[str, str]:
    """What of an address says how the list is narrowed and sorted."""
    return {name: arguments[name] for name in NAMES if arguments.get(name, "").strip()}


def choices(found: Counts, filters: Filters, english: bool) -> dict[str, list[Choice]]:
    """For each filter what can be chosen; stages have message ids for labels."""
    names = {slug: pair[english] or pair[0] for slug, pair in found.clusters.items()}
    stages = {stage.value: stage.label for stage in STAGES}
    return {
        "cluster": _choices(found, filters, "cluster", names),
        "district": _choices(found, filters, "district", _same(found.districts)),
        "field": _choices(found, filters, "field", _same(found.fields)),
        "stage": _choices(found, filters, "stage", stages),
    }


def _same(values: Iterable[str]) -> dict[str, str]:
    return {value: value for value in values if value}


def _choices(found: Counts, filters: Filters, name: str, labels: Mapping[str, str]) -> list[Choice]:
    counts = found.by_value.get(name)
    chosen = str(getattr(filters, name) or "")
    offered = [
        Choice(value, label, None if counts is None else counts[value])
        for value, label in labels.items()
        if counts is None or counts[value] or value == chosen
    ]
    if name != "stage":
        offered.sort(key=lambda one: (one.value != chosen, -(one.count or 0)))
    if chosen and chosen not in labels:
        offered.append(Choice(chosen, chosen, 0))
    return offered[:MOST_CHOICES]
