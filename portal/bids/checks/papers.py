"""Whether a file that was handed in is whole and opens."""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from threading import Lock
from zipfile import BadZipFile

import docx
import openpyxl
import pypdfium2
from docx.opc.exceptions import PackageNotFoundError

from portal.bids.documents import is_intact
from portal.core.files import FileStore, StoredFile

ONE_AT_A_TIME = Lock()
"""PDFium may be used by one thread at a time."""
BROKEN = (pypdfium2.PdfiumError, PackageNotFoundError, BadZipFile, KeyError, ValueError, OSError)


def read(store: FileStore, stored: StoredFile) -> tuple[bool, bool, int]:
    """Whether the file is the one that was handed in, whether it opens, and its pages if it has."""
    if not is_intact(store, stored):
        return False, False, 0
    pages = _pages(store, stored.sha256, stored.media_type)
    return True, pages is not None, pages or 0


@lru_cache(maxsize=2048)
def _pages(store: FileStore, digest: str, media_type: str) -> int | None:
    """The pages, 0 for what has none to count, None for what does not open; by content, so once."""
    opener = OPENERS.get(media_type)
    if opener is None:
        return 0
    with store.open(digest) as source:
        data = source.read()
    try:
        return opener(data)
    except BROKEN:
        return None


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
