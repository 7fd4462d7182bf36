"""Reading a list of experts: a workbook, or comma-separated text as table programs write it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from portal.challenges.exchange.document import Document, Record, Unreadable
from portal.challenges.exchange.reading import PACKED
from portal.challenges.exchange.workbook_in import OLD_OR_LOCKED, read_one, records
from portal.core.words import N_
from portal.reviews.pool.exchange.columns import EXPERTS

ENCODINGS = ("utf-8-sig", "gb18030")
"""As table programs write it today, and as the Chinese one does by habit."""


@dataclass(frozen=True)
class TextCell:
    """A cell of comma-separated text, as the workbook's reader takes it."""

    value: str | None
    data_type: str = "s"
    number_format: str = ""


class TextPage:
    """Comma-separated text as a sheet."""

    def __init__(self, rows: list[list[str]]) -> None:
        self._rows = rows

    def reset_dimensions(self) -> None:
        """Nothing was claimed."""

    def iter_rows(self, max_col: int) -> Iterator[list[TextCell]]:
        """The rows, all as wide as the widest."""
        width = min(max_col, max((len(row) for row in self._rows), default=0))
        for row in self._rows:
            padded = [*row[:width], *[""] * (width - len(row))]
            yield [TextCell(cell or None) for cell in padded]


def read(data: bytes) -> tuple[Document, list[Record]]:
    """The rows of a file; one that is refused as a whole says only why."""
    try:
        if data.startswith((PACKED, OLD_OR_LOCKED)):
            return read_one(data, EXPERTS)
        document, page = Document(), TextPage(_rows(data))
        return document, list(records(document, EXPERTS, page))
    except Unreadable as refusal:
        return Document(troubles=[refusal.trouble]), []


def _rows(data: bytes) -> list[list[str]]:
    for encoding in ENCODINGS:
        try:
            return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), strict=True))
        except UnicodeDecodeError:
            continue
        except csv.Error:
            break
    raise Unreadable(N_("The file is neither a workbook nor comma-separated text."))
