"""Where on a machine a word lies, in whatever form: what a thief would do who has all of it.

Looked through are the bytes of files and memory as they are, and whatever they hold of gzip, zlib and
ZIP, also within each other. PostgreSQL's own compression cannot be looked through, so the tables are
made without it (`uncompressed`) before anything is written.
"""

import struct
import zlib
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator
from decimal import Decimal

from sqlalchemy import Connection, text

ZLIB = tuple(b"\x78" + level for level in (b"\x01", b"\x5e", b"\x9c", b"\xda"))
GZIP, ZIP = b"\x1f\x8b\x08", b"PK\x03\x04"
ZIP_HEAD, DEFLATED = 30, 8
PIECE, MOST = 1 << 8, 4 << 20
"""Bytes that are inflated at once (few: those before an error count), and of one stream at most."""
NESTED = 3
"""A stream in a PDF in a ZIP is found; deeper is not looked."""
UNCOMPRESSED = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT attrelid::regclass AS home, attname FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND attnum > 0 AND NOT attisdropped AND attstorage IN ('x', 'm')
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I SET STORAGE EXTERNAL', one.home, one.attname);
    END LOOP;
END $$
"""


def uncompressed(connection: Connection) -> None:
    """Have PostgreSQL keep long values as they are."""
    connection.execute(text(UNCOMPRESSED))


def written(word: str) -> set[bytes]:
    """A word in every form in which it might lie about."""
    forms: set[bytes] = set()
    for plain in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")):
        forms |= {plain, plain.hex().encode(), plain.hex().upper().encode()}
        # The characters at both ends depend on what stands beside the word.
        forms |= {b64encode(bytes(start) + plain)[4 * (start > 0) : -4] for start in range(3)}
    return forms | set(_escaped(word))


def _escaped(word: str) -> Iterator[bytes]:
    """As JSON, Python, C, addresses, mails and pages write what is not ASCII."""
    escaped = word.encode("unicode_escape")
    yield from (
        escaped,
        escaped.upper().replace(b"\\U", b"\\u"),
        repr(word.encode())[2:-1].encode(),
    )
    for form in ("%{:02X}", "%{:02x}", "={:02X}", "\\{:03o}"):
        yield "".join(
            chr(byte) if chr(byte).isalnum() and byte < 128 else form.format(byte)
            for byte in word.encode()
        ).encode()
    yield "".join(f"&#{ord(one)};" if ord(one) > 127 else one for one in word).encode()


def amount(value: Decimal) -> bytes:
    """A whole number of PostgreSQL's type numeric, as its rows keep it."""
    digits, rest = [], int(value)
    while rest:
        rest, last = divmod(rest, 10_000)
        digits.insert(0, last)
    return struct.pack(f"<{len(digits)}h", *digits)


def holds(data: bytes, forms: Iterable[bytes]) -> bool:
    """Whether one of the forms is in the bytes, or in what is packed in them."""
    known = tuple(forms)
    waiting = deque([(data, NESTED)])
    while waiting:
        found, depth = waiting.popleft()
        if any(form in found for form in known):
            return True
        if depth:
            waiting += ((inner, depth - 1) for inner in unpacked(found))
    return False


def unpacked(data: bytes) -> Iterator[bytes]:
    """Every stream that can be inflated, as far as it goes."""
    for mark in ZLIB:
        yield from _inflated(data, _starts(data, mark), zlib.MAX_WBITS)
    yield from _inflated(data, _starts(data, GZIP), 16 + zlib.MAX_WBITS)
    yield from _inflated(data, _members(data), -zlib.MAX_WBITS)


def _starts(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def _members(data: bytes) -> Iterator[int]:
    """Where the compressed bytes of a ZIP's members begin."""
    for at in _starts(data, ZIP):
        if at + ZIP_HEAD <= len(data):
            method, name, extra = (
                int.from_bytes(data[at + place : at + place + 2], "little") for place in (8, 26, 28)
            )
            if method == DEFLATED:
                yield at + ZIP_HEAD + name + extra


def _inflated(data: bytes, starts: Iterable[int], bits: int) -> Iterator[bytes]:
    view = memoryview(data)
    for start in starts:
        stream, made = zlib.decompressobj(bits), bytearray()
        try:
            for at in range(start, min(start + MOST, len(data)), PIECE):
                made += stream.decompress(view[at : at + PIECE], MOST)
                if stream.eof:
                    break
        except zlib.error:
            pass  # by chance it began like a stream, or it ends here; what came before counts
        if made:
            yield bytes(made)
