"""The ledger of a project as files: CSV of what happened by day, and a workbook with both tables."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portal.projects.funds.ledger import Line, SourceLine

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a table program might take for a formula."""
BOLD = Font(bold=True)
Cell = str | Decimal | None


def ledger_csv(lines: Sequence[Line]) -> bytes:
    """What happened by day, amounts in yuan; with the mark by which table programs know UTF-8."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_time_heads())
    table.writerows(_time_row(line) for line in lines)
    return text.getvalue().encode("utf-8-sig")


def workbook(sources: Sequence[SourceLine], lines: Sequence[Line]) -> bytes:
    """Two sheets: by source, by day; amounts in yuan."""
    book: Any = Workbook()
    first, second = book.active, book.create_sheet()
    first.title, second.title = gettext("By source"), gettext("By day")
    _fill(first, _source_heads(), [_source_row(line) for line in sources])
    _fill(second, _time_heads(), [_time_row(line) for line in lines])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, heads: list[str], rows: list[list[Cell]]) -> None:
    sheet.append(heads)
    for cell in sheet[1]:
        cell.font = BOLD
    for row in rows:
        sheet.append(row)
    for column in range(1, len(heads) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 22
    sheet.freeze_panes = "A2"


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(RISKY) else text


def _source_heads() -> list[str]:
    return [
        gettext("Fund source"),
        gettext("Contracted (yuan)"),
        gettext("Planned until today (yuan)"),
        gettext("Due, not paid (yuan)"),
        gettext("Paid (yuan)"),
        gettext("Received (yuan)"),
        gettext("Waits to be confirmed (yuan)"),
        gettext("Left (yuan)"),
    ]


def _source_row(line: SourceLine) -> list[Cell]:
    figures = (line.amount, line.planned, line.due, line.paid, line.received, line.waiting)
    return [gettext(line.source.label), *figures, line.left]


def _time_heads() -> list[str]:
    return [
        gettext("Day"),
        gettext("What happened"),
        gettext("Fund source"),
        gettext("Milestone"),
        gettext("Amount (yuan)"),
        gettext("Left at the source (yuan)"),
        gettext("Document"),
    ]


def _time_row(line: Line) -> list[Cell]:
    words = (gettext(line.event.label), gettext(line.source.label), _safe(line.what))
    return [line.day.isoformat(), *words, line.amount, line.left, _safe(line.document)]
