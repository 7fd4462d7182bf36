"""What a file is, told by its content: the kinds that the portal takes."""

import io
import os
import zipfile
from typing import BinaryIO

import puremagic

from portal.core.errors import Invalid
from portal.core.screening.checks import require_harmless

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFICE = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}
"""Office files are ZIP archives: which one, the main part in it says."""
ACCEPTED = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    DOCX: (b"PK\x03\x04",),
    XLSX: (b"PK\x03\x04",),
}
SUFFIXES = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
}
LONGEST_MARK = 16
PDF_ONLY = frozenset({"application/pdf"})
EVIDENCE = frozenset({"application/pdf", "image/png", "image/jpeg"})
PAPERS = EVIDENCE | OFFICE.keys()
"""What may be attached to a challenge, or to a bid."""
PDF_END, PDF_TAIL = b"%%EOF", 2048
"""Readers look for the mark of the end in the last kilobyte; some writers add a little."""


def media_type(data: bytes | BinaryIO, accepted: frozenset[str], field: str) -> str:
    """The type that the content shows.

    Raises Invalid when it is none of `accepted`, or carries more than it shows.
    """
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    source.seek(0)
    start = source.read(LONGEST_MARK)
    source.seek(0)
    guesses = {guess.mime_type for guess in _guesses(source)}
    for kind in sorted(accepted):
        if kind in guesses and start.startswith(ACCEPTED[kind]) and _has_main_part(source, kind):
            require_harmless(source, kind, kind in OFFICE, field)
            return kind
    kinds = ", ".join(sorted(_short(kind) for kind in accepted))
    raise Invalid(field, "The file is not of an accepted type (%(kinds)s).", kinds=kinds)


def _short(kind: str) -> str:
    return {DOCX: "DOCX", XLSX: "XLSX"}.get(kind) or kind.rsplit("/", 1)[1].upper()


def _has_main_part(source: BinaryIO, kind: str) -> bool:
    """Whether an Office file holds what its type says; other types have no such part."""
    if kind not in OFFICE:
        return True
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            return OFFICE[kind] in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def _guesses(source: BinaryIO) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return puremagic.magic_stream(source)
    except (puremagic.PureError, ValueError):
        return []


def require_end(source: BinaryIO, size: int, kind: str, field: str) -> None:
    """Of what nobody can look at before it is too late, at least the end has to be there.

    Raises Invalid.
    """
    source.seek(-min(size, PDF_TAIL), os.SEEK_END)
    is_whole = kind not in PDF_ONLY or PDF_END in source.read()
    source.seek(0)
    if not is_whole:
        raise Invalid(field, "The PDF is not whole: its end is missing.")
