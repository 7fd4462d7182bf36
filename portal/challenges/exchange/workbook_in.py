"""Reading a workbook: what it may be, which sheets and columns it has, and what stands in them."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from portal.challenges.exchange.choices import folded
from portal.challenges.exchange.columns import (
    CALL,
    CHALLENGES,
    FIRST_HEADS,
    FOR_ALL,
    HELP_SHEETS,
    OF_CHALLENGE,
    PARTS,
    REMARKS,
    SHEETS,
    Column,
    Sheet,
)
from portal.challenges.exchange.document import (
    WORKBOOK_LARGEST,
    Cell,
    Document,
    Place,
    Record,
    Trouble,
    Unreadable,
    full_code,
)
from portal.challenges.exchange.kinds import Wan, as_text, tidy
from portal.core.words import N_

UNPACKED_LARGEST = 20 << 20
FILES_MOST = 300
ROWS_MOST = 50_000
COLUMNS_MOST = 60
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
"""How the older format begins, and a workbook with a password."""
FORBIDDEN = {
    "xl/externallinks/": N_("The workbook has links to other files; please remove them."),
    "xl/vbaproject": N_("The workbook has macros; please save it as .xlsx without them."),
}

Row = list[Any]


def read(data: bytes) -> Document:
    """What a workbook says. Raises Unreadable for one that is refused as a whole."""
    with _opened(data) as book:
        return _document(book)


def read_one(data: bytes, sheet: Sheet) -> tuple[Document, list[Record]]:
    """The rows of a workbook's sheet of this name, or of its first. Raises Unreadable."""
    document, names = Document(), {folded(name) for name in (sheet.zh, sheet.en, sheet.key)}
    with _opened(data) as book:
        named = [page for page in book.worksheets if folded(page.title) in names]
        page = (named or book.worksheets)[0]
        return document, list(records(document, sheet, page))


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    _guard(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over
        raise Unreadable(N_("The workbook is damaged and cannot be read.")) from error


def _guard(data: bytes) -> None:
    """Refuse what is too large, packed as a trap, locked, or linked to elsewhere."""
    if len(data) > WORKBOOK_LARGEST:
        raise Unreadable(N_("The file is larger than %(limit)s MB."), limit=WORKBOOK_LARGEST >> 20)
    if data.startswith(OLD_OR_LOCKED):
        raise Unreadable(N_("Please save the workbook as .xlsx, without a password."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _guard_parts(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unreadable(N_("The workbook is damaged and cannot be read.")) from error


def _guard_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > FILES_MOST or sum(part.file_size for part in parts) > UNPACKED_LARGEST:
        raise Unreadable(N_("The workbook is too large when unpacked."))
    for part in parts:
        name = part.filename.casefold()
        for beginning, text in FORBIDDEN.items():
            if name.startswith(beginning):
                raise Unreadable(text)
        if name.endswith((".xml", ".rels")):
            _guard_markup(archive.read(part))


def _guard_markup(markup: bytes) -> None:
    """No document types: a table program writes none, and an entity can grow without end."""
    if b"<!DOCTYPE" in markup or b"<!ENTITY" in markup or b"\x00" in markup:
        raise Unreadable(N_("The workbook is damaged and cannot be read."))


def _document(book: Any) -> Document:
    document = Document()
    flat: dict[str, list[Record]] = {sheet.key: [] for sheet in SHEETS}
    for page in book.worksheets:
        sheet = _sheet_named(page.title)
        if sheet is None:
            _stray(document, page.title)
        elif sheet.is_single:
            flat[sheet.key] = [_downwards(document, sheet, page)]
        else:
            flat[sheet.key] = list(records(document, sheet, page))
    _join(document, flat)
    return document


def _sheet_named(title: str) -> Sheet | None:
    for sheet in SHEETS:
        if folded(title) in map(folded, (sheet.zh, sheet.en, sheet.key)):
            return sheet
    return None


def _stray(document: Document, title: str) -> None:
    known = (name for names in HELP_SHEETS.values() for name in names)
    if folded(title) not in map(folded, known):
        text = N_("The sheet “%(sheet)s” is none of this format; it was not read.")
        document.troubles.append(Trouble(Place(), text, {"sheet": title}, is_warning=True))


def _rows(document: Document, sheet: Sheet, page: Any) -> Iterator[tuple[int, Row]]:
    """The rows in which something stands, with their numbers."""
    page.reset_dimensions()  # a file may claim any size
    for number, row in enumerate(page.iter_rows(max_col=COLUMNS_MOST), start=1):
        if number > ROWS_MOST:
            text = N_("The sheet has rows below number %(most)s; please delete them.")
            document.complain(Place(sheet, ROWS_MOST), text, most=ROWS_MOST)
            return
        if any(_stands(cell) for cell in row if cell.value is not None):
            yield number, list(row)


def _stands(cell: Any) -> bool:
    return not isinstance(cell.value, str) or bool(tidy(cell.value))


def _column_headed(sheet: Sheet, head: str) -> Column | None:
    columns = sheet.columns if sheet not in PARTS else (OF_CHALLENGE, *sheet.columns)
    for column in columns:
        if folded(head) in map(folded, _heads_of(column)):
            return column
    return None


def _heads_of(column: Column) -> tuple[str, ...]:
    """How a column may be headed; all but money without its unit as well."""
    heads = (column.zh, column.en, column.key)
    if isinstance(column.kind, Wan):
        return heads
    return (*heads, *(re.sub("[（(].*", "", head) for head in heads))


def _headed(document: Document, sheet: Sheet, place: Place, cell: Any) -> Column | None:
    """The column that a head names; complains of one that is unknown."""
    head = as_text(cell.value)
    column = _column_headed(sheet, head)
    if column is None and folded(head) not in map(folded, REMARKS):
        document.complain(place, N_("“%(head)s” is no head of this sheet."), head=head[:60])
    return column


def _downwards(document: Document, sheet: Sheet, page: Any) -> Record:
    """The single record of a sheet: a head and a value on each row."""
    record = Record(Place(sheet, 1))
    for number, row in _rows(document, sheet, page):
        head, *rest = row
        if number == 1 and folded(as_text(head.value)) in map(folded, FIRST_HEADS):
            continue
        if head.value is None or not rest:
            continue
        column = _headed(document, sheet, Place(sheet, number, "A"), head)
        if column is not None:
            place = Place(sheet, number, "B", column)
            _take(document, record, place, rest[0])
    return record


def records(document: Document, sheet: Sheet, page: Any) -> Iterator[Record]:
    """The records of a sheet, one on each row below the heads."""
    columns: dict[int, Column] = {}
    count = 0
    for number, row in _rows(document, sheet, page):
        if not columns:
            columns = _heads(document, sheet, number, row)
            continue
        count += 1
        if count > sheet.most:
            text = N_("More than %(most)s rows; the rest was not read.")
            document.complain(Place(sheet, number), text, most=sheet.most)
            return
        record = Record(Place(sheet, number))
        for index, column in columns.items():
            place = Place(sheet, number, get_column_letter(index + 1), column)
            _take(document, record, place, row[index])
        if record.cells:
            yield record


def _heads(document: Document, sheet: Sheet, number: int, row: Row) -> dict[int, Column]:
    found: dict[int, Column] = {}
    for index, cell in enumerate(row):
        if cell.value is None or not _stands(cell):
            continue
        place = Place(sheet, number, get_column_letter(index + 1))
        column = _headed(document, sheet, place, cell)
        if column in found.values():
            document.complain(place, N_("This head is there twice."))
        elif column is not None:
            found[index] = column
    needed = {column for column in sheet.columns if column.is_needed}
    for column in sorted(needed - set(found.values()), key=sheet.columns.index):
        document.absent.add(column)
        text = N_("The column “%(zh)s” (%(en)s) is missing.")
        document.complain(Place(sheet, number), text, zh=column.zh, en=column.en)
    return found


def _take(document: Document, record: Record, place: Place, cell: Any) -> None:
    """Put what stands in a cell into the record."""
    value = cell.value
    if value is None or place.column is None:
        return
    if cell.data_type == "e":
        document.complain(place, N_("An error of the table program stands here."))
    elif isinstance(value, datetime) and _is_day(cell):
        record.cells[place.column.key] = Cell(value.date(), place)
    elif not isinstance(value, str):
        record.cells[place.column.key] = Cell(value, place)
    elif text := tidy(_unescaped(value)):
        record.cells[place.column.key] = Cell(text, place)


def _is_day(cell: Any) -> bool:
    """Whether a date is meant without a time."""
    return cell.value.time() == time() and "h" not in str(cell.number_format).casefold()


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """Without the escapes by which table programs write characters that XML does not have."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _join(document: Document, flat: dict[str, list[Record]]) -> None:
    """Put every row under the challenge that it names."""
    document.call = next(iter(flat[CALL.key]), None)
    document.challenges = flat[CHALLENGES.key]
    homes = {_code(document, one, "code"): one for one in reversed(document.challenges)}
    for sheet in PARTS:
        for record in flat[sheet.key]:
            code = _code(document, record, OF_CHALLENGE.key)
            home = homes.get(code)
            if home is not None:
                home.parts.setdefault(sheet.key, []).append(record)
            elif not code and sheet is FOR_ALL:
                document.for_all.append(record)
            else:
                _homeless(document, record)


def _code(document: Document, record: Record, key: str) -> str:
    number = document.call.cells.get("number") if document.call else None
    code = record.cells.get(key)
    if code is None:
        return ""
    return full_code(as_text(number.raw) if number else "", as_text(code.raw)).casefold()


def _homeless(document: Document, record: Record) -> None:
    cell = record.cells.get(OF_CHALLENGE.key)
    if cell is None:
        document.complain(record.place, N_("The code of the challenge is missing."))
    else:
        text = N_("No challenge of this file has this code.")
        document.complain(cell.place, text)
