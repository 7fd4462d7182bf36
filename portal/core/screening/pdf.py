"""PDF files that do more than show pages.

The bytes are searched, not parsed: no program that renders PDF meets a hostile file in the web
process, and an object that only some readers find is found as well. What is packed (object streams)
is unpacked and searched. Names may be written with #xx (ISO 32000-1, 7.3.5).
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from portal.core.words import N_

CHUNK = 1 << 20
OVERLAP = 64
"""Longer than any name, each of its letters written with three."""
AROUND = 4096
"""As far as a packed stream's dictionary reaches from the words that tell it."""
MOST_UNPACKED = 64 << 20

SCRIPTS = N_("The PDF holds scripts. Print it into a new PDF, and upload that.")
ACTIONS = N_("The PDF starts programs or sends data. Print it into a new PDF, and upload that.")
FILES = N_("The PDF has other files inside. Upload each by itself, and the PDF without them.")
PROTECTED = N_("The PDF is encrypted or protected by a password. Upload it without protection.")
OPAQUE = N_(
    "Parts of the PDF are packed so that they cannot be examined. Print it into a new PDF, and "
    "upload that."
)
NAMES = {
    "JavaScript": SCRIPTS,
    "Rendition": SCRIPTS,
    "Launch": ACTIONS,
    "SubmitForm": ACTIONS,
    "ImportData": ACTIONS,
    "RichMedia": ACTIONS,
    "XFA": ACTIONS,
    "EmbeddedFile": FILES,
    "EmbeddedFiles": FILES,
    "GoToE": FILES,
    "Encrypt": PROTECTED,
}
PACKED = ("ObjStm", "First")
"""What the dictionary of an object stream has; readers do not insist on the first."""


def _letter(letter: str) -> str:
    first, second = list(f"{ord(letter):02x}")
    return f"(?:{letter}|#[{first}{first.upper()}][{second}{second.upper()}])"


def _any_of(names: tuple[str, ...]) -> re.Pattern[bytes]:
    spelled = "|".join("".join(map(_letter, name)) for name in names)
    ends = r"(?![^\x00\t\n\f\r ()<>\[\]{}/%])"
    return re.compile(f"/({spelled}){ends}".encode())


TELLING = _any_of((*NAMES, *PACKED))
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
ONE_FILTER = re.compile(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])")
PREDICTED = re.compile(rb"/Predictor\s+(?!1\b)")


def danger(source: BinaryIO) -> str | None:
    """Why a PDF is not taken, in words; None when nothing speaks against it."""
    packed: set[int] = set()
    for place, name in _names(_pieces(source)):
        if name not in PACKED:
            return NAMES[name]
        packed.add(place)
    return next((why for place in sorted(packed) if (why := _packed_danger(source, place))), None)


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    source.seek(0)
    return iter(lambda: source.read(CHUNK), b"")


def _names(pieces: Iterator[bytes]) -> Iterator[tuple[int, str]]:
    """The telling names and where they stand; some twice."""
    tail, start = b"", 0
    for piece in pieces:
        window = tail + piece
        for found in TELLING.finditer(window):
            yield start + found.start(), _plain(found[1]).decode()
        tail = window[-OVERLAP:]
        start += len(window) - len(tail)


def _plain(name: bytes) -> bytes:
    return ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), name)


def _packed_danger(source: BinaryIO, place: int) -> str | None:
    """What an object stream has in it whose dictionary has a telling name here."""
    start = max(0, place - AROUND)
    source.seek(start)
    window = source.read(2 * AROUND)
    here = place - start
    head = window.find(b"stream", here)
    ended = window.find(b"endobj", here)
    if ended >= 0 and not 0 <= head < ended:
        return None  # the dictionary of something that is no stream
    if head < 0:
        return OPAQUE
    told = _plain(window[max(0, window.rfind(b"obj", 0, here)) : head])
    if b"/Filter" not in told:
        return None  # it lay open to the first search
    if not ONE_FILTER.search(told) or PREDICTED.search(told):
        return OPAQUE
    return _unpacked_danger(source, start + head + len(b"stream"))


def _unpacked_danger(source: BinaryIO, place: int) -> str | None:
    names = _names(_unpacked(source, place))
    try:
        return next((NAMES[name] for _, name in names if name not in PACKED), None)
    except OverflowError:
        return OPAQUE


def _unpacked(source: BinaryIO, place: int) -> Iterator[bytes]:
    """What a stream holds, as far as it can be unpacked. Raises OverflowError when that is too much."""
    source.seek(place)
    held, total, unpacker = source.read(CHUNK).lstrip(b"\r\n"), 0, zlib.decompressobj()
    while held and not unpacker.eof:
        try:
            plain = unpacker.decompress(held, CHUNK)
        except zlib.error:
            return  # no reader gets further
        total += len(plain)
        if total > MOST_UNPACKED:
            raise OverflowError
        yield plain
        held = unpacker.unconsumed_tail or source.read(CHUNK)
