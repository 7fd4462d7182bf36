"""Writing a workbook: the empty template and a stored call, with notes, choices and frozen heads."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from portal.challenges.exchange.choices import Choice
from portal.challenges.exchange.columns import (
    CALL,
    CHALLENGES,
    FIRST_HEADS,
    HELP_SHEETS,
    OF_CHALLENGE,
    PARTS,
    SECOND_HEADS,
    Column,
    Language,
    Sheet,
)
from portal.challenges.exchange.content import Content, Values
from portal.challenges.exchange.help import help_lines
from portal.challenges.exchange.kinds import DIGITS, Moment, Number, Prose, Wan

MOMENT_FORMAT = "yyyy-mm-dd hh:mm"
LIST_LONGEST = 255
"""What a table program takes as the text of a drop-down's choices."""
PREPARED_ROWS = 300
"""Rows below the heads that have drop-downs."""
STILL = (1980, 1, 1, 0, 0, 0)
"""The date of every part, so that the same call gives the same file."""
BLUE, SLATE, LINE, PAPER = "1F4B7A", "4A5666", "DFDCD3", "FBFAF7"
_EDGE = Side(style="thin", color=LINE)
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_TOP = Alignment(vertical="top", wrap_text=True)
_RISKY = ("=", "+", "-", "@", "\t")
"""How a text begins that a table program might take for a formula when it is edited."""


def write(content: Content | None, language: Language, clusters: Iterable[str] = ()) -> bytes:
    """A workbook of a call, or the template when there is none; `clusters` are the choices."""
    book: Any = Workbook()
    book.remove(book.active)
    _help(book, language, help_lines(language))
    choices = list(clusters)
    _downwards(book, CALL, content.call if content else {}, language, choices)
    entries = content.challenges if content else ()
    _across(book, CHALLENGES, (entry.values for entry in entries), language)
    for sheet in PARTS:
        rows = (
            {OF_CHALLENGE.key: entry.values["code"], **row}
            for entry in entries
            for row in entry.parts.get(sheet.key, ())
        )
        _across(book, sheet, rows, language)
    _choices(book, language, choices)
    book.active = 1
    return _saved(book)


def write_one(
    sheet: Sheet, rows: Iterable[Values], language: Language, told: Iterable[tuple[str, str]]
) -> bytes:
    """A workbook of one sheet, with a sheet of help before it."""
    book: Any = Workbook()
    book.remove(book.active)
    _help(book, language, told)
    _across(book, sheet, rows, language)
    book.active = 1
    return _saved(book)


def _help(book: Any, language: Language, lines: Iterable[tuple[str, str]]) -> None:
    page = book.create_sheet(HELP_SHEETS[language][0])
    page.column_dimensions["A"].width = 26
    page.column_dimensions["B"].width = 96
    for number, (head, text) in enumerate(lines, start=1):
        _put(page.cell(number, 1), head)
        _put(page.cell(number, 2), text)
        is_title = not text
        page.cell(number, 1).font = Font(bold=True, size=14 if is_title else 11, color=BLUE)
        for column in (1, 2):
            page.cell(number, column).alignment = _TOP
            if is_title:
                page.cell(number, column).alignment = Alignment(vertical="center")
    page.sheet_view.showGridLines = False


def _choices(book: Any, language: Language, clusters: list[str]) -> None:
    """A sheet with the names of the clusters, for their drop-down."""
    page = book.create_sheet(HELP_SHEETS[language][1])
    _heading(page.cell(1, 1), CALL.by_key["cluster"].head(language), SLATE)
    page.column_dimensions["A"].width = 40
    for number, cluster in enumerate(clusters, start=2):
        _put(page.cell(number, 1), cluster)


def _downwards(
    book: Any, sheet: Sheet, values: Values, language: Language, clusters: list[str]
) -> None:
    page = book.create_sheet(sheet.name(language))
    place = 0 if language == "zh" else 1
    for number, head in enumerate((FIRST_HEADS[place], SECOND_HEADS[place]), start=1):
        _heading(page.cell(1, number), head, SLATE)
    for number, column in enumerate(sheet.columns, start=2):
        _head(page.cell(number, 1), column, language)
        cell = page.cell(number, 2)
        if column.key in values:
            _value(cell, column, values[column.key], language)
        cell.border = _BOX
        cell.alignment = _TOP
        _validate(page, column, f"B{number}", language, clusters)
    page.column_dimensions["A"].width = 28
    page.column_dimensions["B"].width = 60
    page.freeze_panes = "B2"


def _across(book: Any, sheet: Sheet, rows: Iterable[Values], language: Language) -> None:
    page = book.create_sheet(sheet.name(language))
    columns = (OF_CHALLENGE, *sheet.columns) if sheet in PARTS else sheet.columns
    for index, column in enumerate(columns, start=1):
        letter = get_column_letter(index)
        _head(page.cell(1, index), column, language)
        page.column_dimensions[letter].width = column.width
        _validate(page, column, f"{letter}2:{letter}{PREPARED_ROWS + 1}", language, [])
    for number, values in enumerate(rows, start=2):
        for index, column in enumerate(columns, start=1):
            if column.key in values:
                cell = page.cell(number, index)
                _value(cell, column, values[column.key], language)
                cell.alignment = _TOP
    page.row_dimensions[1].height = 32
    page.freeze_panes = "C2"


def _heading(cell: Any, text: str, colour: str) -> None:
    _put(cell, text)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", start_color=colour)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    cell.border = _BOX


def _head(cell: Any, column: Column, language: Language) -> None:
    """A head with its note; what has to be filled in is darker and has a star."""
    star = " *" if column.is_needed else ""
    _heading(cell, f"{column.head(language)}{star}", BLUE if column.is_needed else SLATE)
    told = column.told(language)
    if told:
        cell.comment = Comment(told, "Jiebang", height=90, width=260)


def _value(cell: Any, column: Column, value: object, language: Language) -> None:
    if value is None or (value == column.kind.empty and isinstance(column.kind, Prose)):
        return
    written = column.kind.cell(value, language)
    if isinstance(written, datetime):
        cell.value = written
    elif isinstance(written, Decimal | int) and not isinstance(written, bool):
        _put_number(cell, Decimal(written))
    else:
        _put(cell, str(written))
    if isinstance(column.kind, Moment):
        cell.number_format = MOMENT_FORMAT


def _put_number(cell: Any, value: Decimal) -> None:
    """As a number where a table program can keep it, otherwise as text."""
    if len(value.normalize().as_tuple().digits) > DIGITS:
        _put(cell, format(value, "f"))
    else:
        cell.value = int(value) if value == int(value) else float(value)


_LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def _put(cell: Any, text: str) -> None:
    """Text that stays text, whatever it begins with."""
    cell.value = _LIKE_ESCAPE.sub("_x005F_", text)
    cell.data_type = "s"  # and not a formula or an error, as its first character might say
    if text.startswith(_RISKY):
        cell.quotePrefix = True


def _validate(
    page: Any, column: Column, cells: str, language: Language, clusters: list[str]
) -> None:
    """A drop-down for choices, bounds for numbers and dates."""
    check = _validation(column, language, clusters)
    if check is None:
        return
    check.add(cells)
    page.add_data_validation(check)


def _validation(column: Column, language: Language, clusters: list[str]) -> Any:
    kind = column.kind
    if isinstance(kind, Choice):
        words = ",".join(str(kind.cell(member, language)) for member in kind.words)
        if len(words) <= LIST_LONGEST:
            return DataValidation(
                type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True
            )
    if column is CALL.by_key["cluster"] and clusters:
        place = f"'{HELP_SHEETS[language][1]}'!$A$2:$A${len(clusters) + 1}"
        return DataValidation(type="list", formula1=place, allow_blank=True)
    if isinstance(kind, Wan):
        return _at_least("decimal", "0")
    if isinstance(kind, Number) and kind.low >= 0:
        return _at_least("decimal", str(kind.low))
    return None


def _at_least(kind: Any, low: str) -> Any:
    return DataValidation(
        type=kind,
        operator="greaterThanOrEqual",
        formula1=low,
        allow_blank=True,
        showErrorMessage=True,
    )


def _saved(book: Any) -> bytes:
    """The bytes, without anything that tells when they were made."""
    made = io.BytesIO()
    book.save(made)
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(made) as source,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name, part in _parts(source):
            target.writestr(zipfile.ZipInfo(name, STILL), part, zipfile.ZIP_DEFLATED)
    return kept.getvalue()


_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def _parts(source: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for part in source.infolist():
        yield part.filename, _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z", source.read(part))
