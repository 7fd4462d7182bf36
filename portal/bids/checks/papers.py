"""Whether a file that was handed in is whole and opens."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from zipfile import BadZipFile

import docx
import openpyxl
import pypdfium2
from docx.opc.exceptions import PackageNotFoundError

from portal.bids.documents import is_intact
from portal.core.files import FileStore

ONE_AT_A_TIME = Lock()
"""PDFium may be used by one thread at a time."""
BROKEN = (pypdfium2.PdfiumError, PackageNotFoundError, BadZipFile, KeyError, ValueError, OSError)


@dataclass(frozen=True)
class Found:
    """Whether a file is the one that was handed in, and its pages: 0 for what has none to count,
    None for what does not open."""

    is_intact: bool
    pages: int | None = None


def read(store: FileStore, digest: str, media_type: str) -> Found:
    """Take a file out of the store and open it."""
    if not is_intact(store, digest):
        return Found(is_intact=False)
    opener = OPENERS.get(media_type)
    if opener is None:
        return Found(is_intact=True, pages=0)
    with store.open(digest) as source:
        data = source.read()
    try:
        return Found(is_intact=True, pages=opener(data))
    except BROKEN:
        return Found(is_intact=True)


def _pdf(data: bytes) -> int:
    with ONE_AT_A_TIME:
        paper = pypdfium2.PdfDocument(data)
        try:
            return len(paper)
        finally:
            paper.close()


def _docx(data: bytes) -> int:
    docx.Document(BytesIO(data))
    return 0


def _xlsx(data: bytes) -> int:
    openpyxl.load_workbook(BytesIO(data), read_only=True).close()
    return 0


OFFICE = "application/vnd.openxmlformats-officedocument"
OPENERS: dict[str, Callable[[bytes], int]] = {
    "application/pdf": _pdf,
    f"{OFFICE}.wordprocessingml.document": _docx,
    f"{OFFICE}.spreadsheetml.sheet": _xlsx,
}
