"""The pages of a PDF as pictures; run as a process of its own.

A picture has no author, no program, no attachment and no script: whatever a file says about itself
stays behind. A bidder's file is not to be trusted, so the process that reads it has no database, no
keys, little memory and little time (as portal/bids/likeness/reading.py).

    python -m portal.reviews.sheets.drawing NUMBER < FILE.pdf > PAGE.png
    python -m portal.reviews.sheets.drawing sizes < FILE.pdf > SIZES.json
"""

import json
import struct
import sys
import zlib

import pypdfium2

from portal.core.apart import be_modest

WIDTH = 1240
"""Pixels across a page: 150 to the inch on A4."""
TALLEST = 4 * WIDTH
MEMORY = 2 << 30
SECONDS = 20
MOST_PAGES = 1000
SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB = 2


def sizes(data: bytes) -> list[tuple[int, int]]:
    """Width and height of each page's picture, in pixels."""
    with pypdfium2.PdfDocument(data) as document:
        count = min(len(document), MOST_PAGES)
        return [fitted(*document.get_page_size(number)) for number in range(count)]


def fitted(width: float, height: float) -> tuple[int, int]:
    """A page of any shape (in points) as wide as a picture is, or as tall as one may be."""
    scale = min(WIDTH / max(width, 1), TALLEST / max(height, 1))
    return max(1, int(width * scale)), max(1, int(height * scale))


def picture(data: bytes, number: int) -> bytes:
    """One page as PNG; the first is 0. Raises IndexError when there is no such page."""
    with pypdfium2.PdfDocument(data) as document:
        if not 0 <= number < min(len(document), MOST_PAGES):
            raise IndexError(number)
        page = document[number]
        width, _ = fitted(*page.get_size())
        bitmap = page.render(scale=width / max(page.get_width(), 1), rev_byteorder=True)
        lines = memoryview(bytes(bitmap.buffer))
        step, used = bitmap.stride, bitmap.width * bitmap.n_channels
        rows = (lines[step * row : step * row + used] for row in range(bitmap.height))
        return png(bitmap.width, b"".join(b"\0" + bytes(row) for row in rows))


def png(width: int, lines: bytes) -> bytes:
    """A PNG of RGB lines, each behind its filter byte (PNG specification, section 11)."""
    height = len(lines) // (1 + 3 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, RGB, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def main() -> None:
    """Read a file from the input and write what was asked."""
    be_modest(MEMORY, SECONDS)
    data, asked = sys.stdin.buffer.read(), sys.argv[1]
    told = json.dumps(sizes(data)).encode() if asked == "sizes" else picture(data, int(asked))
    sys.stdout.buffer.write(told)


if __name__ == "__main__":
    main()
