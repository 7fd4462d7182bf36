"""Office files: ZIP archives with a limit on what they unpack to, and without macros.

The limits stand before anything is unpacked: what the archive's own directory says is counted, and
parts that overlap, by which a small file claims to hold much, make it say more than the file has.
"""

import zipfile
import zlib
from io import BytesIO
from typing import BinaryIO

from portal.core.words import N_

MOST_MEMBERS = 2_000
MOST_BYTES = 1 << 30
MOST_RATIO, RATIO_FROM = 50, 64 << 20
"""Nothing that people write packs better, once it is this large (PyPI's limits)."""
LARGEST_INNER = 32 << 20
DEPTH = 1
"""A table inside a text is usual; what it holds in turn is not."""
INNER = (".docx", ".xlsx", ".pptx")
ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
ENCRYPTED = 1
"""The bit of a member's flags."""
TYPES = "[Content_Types].xml"

MACROS = N_("The file holds macros. Save it as DOCX or XLSX without macros, and upload that.")
BOMB = N_("The file unpacks to far more than it should. Save it anew, and upload that.")
NESTED = N_("The file has archives inside. Upload what is in them by itself.")
LOCKED = N_("The file is protected by a password. Upload it without protection.")
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,  # zipfile's word for a packing that it does not know
)
DAMAGED = N_("The file is damaged. Save it anew, and upload that.")


def danger(source: BinaryIO, depth: int = DEPTH) -> str | None:
    """Why an Office file is not taken, in words; None when nothing speaks against it."""
    source.seek(0, 2)
    size = source.tell()
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            return _over_limits(archive, size) or _inside(archive, depth)
    except UNREADABLE:
        return DAMAGED


def _over_limits(archive: zipfile.ZipFile, size: int) -> str | None:
    members = archive.infolist()
    if any(member.flag_bits & ENCRYPTED for member in members):
        return LOCKED
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    too_dense = total > RATIO_FROM and total > MOST_RATIO * packed
    if len(members) > MOST_MEMBERS or total > MOST_BYTES or packed > size or too_dense:
        return BOMB
    names = [member.filename.lower() for member in members]
    if len(set(names)) < len(names):
        return DAMAGED  # which of two is meant, each reader decides for itself
    return MACROS if any(name.endswith("vbaproject.bin") for name in names) else None


def _inside(archive: zipfile.ZipFile, depth: int) -> str | None:
    found = (_member(archive, member, depth) for member in archive.infolist())
    return next((why for why in found if why), None)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, depth: int) -> str | None:
    with archive.open(member) as part:
        start = part.read(8)
    if member.filename == TYPES and b"macroenabled" in _read(archive, member).lower():
        return MACROS
    if not start.startswith(ARCHIVES):
        return None
    is_usual = member.filename.lower().endswith(INNER) and member.file_size <= LARGEST_INNER
    if not depth or not is_usual:
        return NESTED
    return danger(BytesIO(_read(archive, member)), depth - 1)


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as part:
        return part.read(LARGEST_INNER)
