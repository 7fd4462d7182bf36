"""A file as it was read: records of cells with their places, and what is wrong at which place."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.challenges.exchange.columns import SHEETS, Column, Language, Sheet

WORKBOOK_LARGEST = 5 << 20
YAML_LARGEST = 5 << 20
"""Bytes of a file."""


@dataclass(frozen=True)
class Place:
    """Where in a file: a workbook's sheet, row and column letter, or a line of YAML."""

    sheet: Sheet | None = None
    row: int = 0
    letter: str = ""
    column: Column | None = None


@dataclass(frozen=True)
class Trouble:
    """What is wrong at a place; a warning does not keep the file out."""

    place: Place
    text: str
    parameters: dict[str, object] = field(default_factory=dict)
    is_warning: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in a cell that is not blank."""

    raw: object
    place: Place


@dataclass
class Record:
    """One row of a sheet, and the rows of other sheets that belong to it."""

    place: Place
    cells: dict[str, Cell] = field(default_factory=dict)
    parts: dict[str, list["Record"]] = field(default_factory=dict)


@dataclass
class Document:
    """All that a file says."""

    call: Record | None = None
    challenges: list[Record] = field(default_factory=list)
    for_all: list[Record] = field(default_factory=list)
    """Rows of the rubric that hold for every challenge without its own."""
    absent: set[Column] = field(default_factory=set)
    """Columns that the file does not have at all, which is told once and not for every row."""
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        """Whether there is a problem, and not warnings only."""
        return any(not trouble.is_warning for trouble in self.troubles)

    def complain(self, place: Place, text: str, **parameters: object) -> None:
        """Note what is wrong."""
        self.troubles.append(Trouble(place, text, parameters))


class Unreadable(Exception):
    """The file as a whole is refused; carries the words for the report."""

    def __init__(self, text: str, **parameters: object) -> None:
        super().__init__(text)
        self.trouble = Trouble(Place(), text, parameters)


def located(place: Place, language: Language) -> tuple[str, str, str]:
    """Sheet, row and column of a place as people read them; empty where there is none."""
    sheet = place.sheet.name(language) if place.sheet else ""
    head = place.column.head(language) if place.column else ""
    column = " ".join(part for part in (place.letter, head) if part)
    return sheet, str(place.row) if place.row else "", column


def full_code(number: str, code: str) -> str:
    """A challenge's whole code: a bare number stands for the call's number with it behind."""
    bare = unicodedata.normalize("NFKC", code)
    if bare.isascii() and bare.isdigit() and number:
        return f"{number}-{int(bare):03d}"
    return code


def in_order(troubles: Iterable[Trouble]) -> list[Trouble]:
    """What is wrong before what is only missing, each in the order of the file."""
    return sorted(troubles, key=lambda one: (one.is_warning, *_order(one.place)))


def _order(place: Place) -> tuple[int, int, str]:
    sheet = SHEETS.index(place.sheet) if place.sheet else -1
    return sheet, place.row, place.letter
