"""What differs between two versions of a challenge's sheet: field by field, row by row.

A sheet is plain JSON without blanks; what is not there is blank. Rows are matched by their key, and
what is left by how alike the keys are, so that a reworded indicator is a change and not two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from portal.core.words import N_, Worded

Row = Mapping[str, Any]
Sheet = Mapping[str, Any]
ALIKE = 0.6
"""From which likeness of the keys on two rows are the same one with another wording."""


class Fate(Worded):
    """What became of a row."""

    KEPT = "kept", N_("Unchanged")
    CHANGED = "changed", N_("Changed")
    ADDED = "added", N_("Added")
    REMOVED = "removed", N_("Removed")


@dataclass(frozen=True)
class Table:
    """How the rows of a table are told apart: by `key`, which may or may not be reworded."""

    key: str
    may_be_reworded: bool = True
    fixed: tuple[str, ...] = ()
    """What must be the same in both for a row to count as reworded."""


TABLES: Mapping[str, Table] = {
    "indicators": Table("name", fixed=("operator", "unit")),
    "criteria": Table("name"),
    "funds": Table("source", may_be_reworded=False),
    "attachments": Table("title", fixed=("sha256",)),
}


@dataclass(frozen=True)
class FieldChange:
    """A field that differs; None is blank."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class RowChange:
    """One row and its fate; `was` is its place before."""

    fate: Fate
    before: Row | None
    after: Row | None
    was: int | None

    @property
    def columns(self) -> tuple[FieldChange, ...]:
        """The columns in which the row differs."""
        before, after = self.before or {}, self.after or {}
        return tuple(_fields(before, after))


@dataclass(frozen=True)
class TableChange:
    """A table that differs: every row in its new order, removed ones where they stood."""

    name: str
    rows: tuple[RowChange, ...]

    @property
    def changes(self) -> tuple[RowChange, ...]:
        """The rows that are not as they were; order alone is no change of a row."""
        return tuple(row for row in self.rows if row.fate is not Fate.KEPT)


@dataclass(frozen=True)
class Difference:
    """All that differs between two sheets; false when nothing does."""

    fields: tuple[FieldChange, ...] = ()
    tables: tuple[TableChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.tables)

    @property
    def names(self) -> frozenset[str]:
        """The fields and tables that differ."""
        fields = {change.name for change in self.fields}
        return frozenset(fields | {table.name for table in self.tables})

    def applied_to(self, before: Sheet) -> dict[str, Any]:
        """The later sheet, made from the earlier one."""
        made = dict(before)
        for change in self.fields:
            made[change.name] = change.after
        for table in self.tables:
            old = before.get(table.name, [])
            made[table.name] = [
                old[row.was] if row.fate is Fate.KEPT and row.was is not None else row.after
                for row in table.rows
                if row.fate is not Fate.REMOVED
            ]
        return {name: value for name, value in made.items() if not is_blank(value)}


def is_blank(value: object) -> bool:
    """Whether a field holds nothing; zero and "no" are something."""
    return value is None or value in ("", [], {})


def difference(before: Sheet, after: Sheet) -> Difference:
    """What changes from one sheet to the other."""
    plain_before = {name: value for name, value in before.items() if name not in TABLES}
    plain_after = {name: value for name, value in after.items() if name not in TABLES}
    tables = [
        TableChange(name, _rows(table, before.get(name, []), after.get(name, [])))
        for name, table in TABLES.items()
        if before.get(name, []) != after.get(name, [])
    ]
    return Difference(tuple(_fields(plain_before, plain_after)), tuple(tables))


def _fields(before: Row, after: Row) -> Iterable[FieldChange]:
    names = [*after, *(name for name in before if name not in after)]
    for name in names:
        old, new = before.get(name), after.get(name)
        if old != new and not (is_blank(old) and is_blank(new)):
            yield FieldChange(name, old, new)


def _rows(table: Table, before: Sequence[Row], after: Sequence[Row]) -> tuple[RowChange, ...]:
    was = matched(table, before, after)
    rows = [_row(before, place, row) for place, row in zip(was, after, strict=True)]
    for place, row in enumerate(before):
        if place not in was:
            removed = RowChange(Fate.REMOVED, row, None, place)
            rows.insert(_place(rows, place), removed)
    return tuple(rows)


def _row(before: Sequence[Row], was: int | None, row: Row) -> RowChange:
    if was is None:
        return RowChange(Fate.ADDED, None, row, None)
    fate = Fate.CHANGED if any(_fields(before[was], row)) else Fate.KEPT
    return RowChange(fate, before[was], row, was)


def _place(rows: Sequence[RowChange], was: int) -> int:
    """Behind the row that stood before it, or at the start."""
    earlier = [i for i, row in enumerate(rows) if row.was is not None and row.was < was]
    return max(earlier) + 1 if earlier else 0


def matched(table: Table, before: Sequence[Row], after: Sequence[Row]) -> list[int | None]:
    """For each later row the place of the earlier one that it is, or None when it is new."""
    found: list[int | None] = [None] * len(after)
    free = list(range(len(before)))
    for place, row in enumerate(after):
        same = [i for i in free if before[i].get(table.key) == row.get(table.key)]
        if same:
            nearest = min(same, key=partial(_distance, before, place, row))
            found[place] = nearest
            free.remove(nearest)
    if table.may_be_reworded:
        _match_reworded(table, before, after, found, free)
    return found


def _distance(before: Sequence[Row], place: int, row: Row, was: int) -> tuple[bool, int]:
    return before[was] != row, abs(was - place)


def _match_reworded(
    table: Table,
    before: Sequence[Row],
    after: Sequence[Row],
    found: list[int | None],
    free: list[int],
) -> None:
    pairs = sorted(
        (-_likeness(table, before[i], after[j]), abs(i - j), j, i)
        for j, place in enumerate(found)
        if place is None
        for i in free
    )
    for likeness, _, j, i in pairs:
        if -likeness >= ALIKE and found[j] is None and i in free:
            found[j] = i
            free.remove(i)


def _likeness(table: Table, one: Row, other: Row) -> float:
    if any(one.get(name) != other.get(name) for name in table.fixed):
        return 0.0
    return SequenceMatcher(
        None, str(one.get(table.key)), str(other.get(table.key)), autojunk=False
    ).ratio()
