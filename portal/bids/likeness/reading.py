"""What a PDF or a Word file says, and what it says about itself; run as a process of its own.

A bidder's file is not to be trusted: it is read by a process that has no database, no keys, little
memory and little time, so that a file made to break its reader breaks nothing else.

    python -m portal.bids.likeness.reading TYPE < FILE > JSON
"""

import io
import json
import sys
from dataclasses import dataclass, field
from typing import Any

import docx
import pypdfium2

from portal.core.apart import Broke, be_modest, run_apart

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SECONDS = 60
MEMORY = 2 << 30
MOST = 2_000_000
"""Characters that are read of one file: some thousand pages."""
MARKS = {"Author": "author", "Creator": "program", "Producer": "maker", "CreationDate": "made"}


@dataclass(frozen=True)
class Reading:
    """The pages of a file, and its marks: author, saved_by, program, maker, made."""

    pages: tuple[str, ...] = ()
    marks: dict[str, str] = field(default_factory=dict)
    readable: bool = True


def read(data: bytes, media_type: str) -> Reading:
    """What the file says; not readable when it broke its reader, or is of another kind."""
    if media_type not in (PDF, DOCX):
        return Reading(readable=False)
    try:
        told = json.loads(run_apart("portal.bids.likeness.reading", media_type, data, SECONDS))
    except (Broke, ValueError):
        return Reading(readable=False)
    return Reading(tuple(told["pages"]), told["marks"])


def of_pdf(data: bytes) -> Reading:
    """Page by page."""
    with pypdfium2.PdfDocument(data) as document:
        marks = document.get_metadata_dict(skip_empty=True)
        pages: list[str] = []
        for page in document:
            pages.append(page.get_textpage().get_text_range()[:MOST])
            page.close()
            if sum(map(len, pages)) > MOST:
                break
    return Reading(tuple(pages), {name: marks[key] for key, name in MARKS.items() if key in marks})


def of_docx(data: bytes) -> Reading:
    """All paragraphs, and the tables after them."""
    document = docx.Document(io.BytesIO(data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += ["\t".join(cell.text for cell in row.cells) for row in table.rows]
    own = document.core_properties
    marks = {
        "author": own.author or "",
        "saved_by": own.last_modified_by or "",
        "made": own.modified.isoformat() if own.modified else "",
    }
    kept = {name: mark for name, mark in marks.items() if mark}
    return Reading(("\n".join(lines)[:MOST],), kept)


def main(media_type: str) -> None:
    """Read standard input, write standard output."""
    be_modest(MEMORY, SECONDS)
    found = {PDF: of_pdf, DOCX: of_docx}[media_type](sys.stdin.buffer.read())
    told: dict[str, Any] = {"pages": found.pages, "marks": found.marks}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
