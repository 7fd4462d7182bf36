"""Uploaded files: type told by content, kept under their hash, names never trusted."""

import hashlib
import io
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID, uuid4

import fsspec
import puremagic
from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core.db import Base, Key
from portal.core.errors import Invalid

CHUNK = 1 << 20
DIGEST = re.compile("[0-9a-f]{64}")
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
PDF_ONLY = frozenset({"application/pdf"})
EVIDENCE = frozenset({"application/pdf", "image/png", "image/jpeg"})
PAPERS = EVIDENCE | OFFICE.keys()
"""What may be attached to a challenge, or to a bid."""


class StoredFile(Base):
    """One uploaded file; the bytes lie in the store under `sha256`."""

    __tablename__ = "stored_files"

    id: Mapped[Key]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))


@dataclass(frozen=True)
class Upload:
    """What a form hands in: a stream at its start and the name that the browser gave."""

    stream: BinaryIO
    name: str


class FileStore:
    """The place for bytes: a folder or any object store that fsspec knows."""

    def __init__(self, url: str, limit: int) -> None:
        self.limit = limit
        self._fs, self._root = fsspec.core.url_to_fs(url)

    def put(self, data: bytes) -> str:
        """Keep bytes, whole or not at all, and return their SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if not self._fs.exists(path):
            self._fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self._write_whole(path, data)
        return digest

    def put_stream(self, source: BinaryIO) -> tuple[str, int]:
        """Keep what a file says, whole or not at all, and return its SHA-256 and its size."""
        whole = hashlib.sha256()
        while part := source.read(CHUNK):
            whole.update(part)
        digest, size = whole.hexdigest(), source.tell()
        path = self._path(digest)
        if not self._fs.exists(path):
            source.seek(0)
            self._fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self._write_whole(path, source)
        return digest, size

    def _write_whole(self, path: str, data: bytes | BinaryIO) -> None:
        """Under a name of its own first: fsspec's transactions are shared by all threads."""
        part = f"{path}.{uuid4().hex}.part"
        try:
            if isinstance(data, bytes):
                self._fs.pipe_file(part, data)
            else:
                with self._fs.open(part, "wb") as target:
                    shutil.copyfileobj(data, target, CHUNK)
            self._fs.mv(part, path)
        except BaseException:
            if self._fs.exists(part):
                self._fs.rm_file(part)
            raise

    def open(self, digest: str) -> BinaryIO:
        """The bytes of a digest, as a stream. Raises FileNotFoundError."""
        return self._fs.open(self._path(digest), "rb")  # type: ignore[no-any-return]

    def delete(self, digest: str) -> None:
        """Forget bytes; nothing happens when they are gone already."""
        with suppress(FileNotFoundError):
            self._fs.rm_file(self._path(digest))

    def listed(self) -> Iterator[tuple[str, int]]:
        """The digests of all that is kept, with sizes in bytes, in order."""
        kept = self._fs.find(self._root, detail=True) if self._fs.exists(self._root) else {}
        for path in sorted(kept):
            name = path.rsplit("/", 1)[-1]
            if DIGEST.fullmatch(name):  # not what is being written at this moment
                yield name, kept[path]["size"]

    def _path(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest}"


def read(upload: Upload, limit: int, field: str) -> bytes:
    """The upload's bytes. Raises Invalid when empty or above `limit` bytes."""
    data = upload.stream.read(limit + 1)
    if len(data) > limit:
        raise Invalid(field, "The file is larger than %(limit)s MB.", limit=limit // CHUNK)
    if not data:
        raise Invalid(field, "The file is empty.")
    return data


def media_type(data: bytes, accepted: frozenset[str], field: str) -> str:
    """The type that the content shows. Raises Invalid when it is none of `accepted`."""
    guesses = {guess.mime_type for guess in _guesses(data)}
    for kind in sorted(accepted):
        if kind in guesses and data.startswith(ACCEPTED[kind]) and _has_main_part(data, kind):
            return kind
    kinds = ", ".join(sorted(_short(kind) for kind in accepted))
    raise Invalid(field, "The file is not of an accepted type (%(kinds)s).", kinds=kinds)


def _short(kind: str) -> str:
    return {DOCX: "DOCX", XLSX: "XLSX"}.get(kind) or kind.rsplit("/", 1)[1].upper()


def _has_main_part(data: bytes, kind: str) -> bool:
    """Whether an Office file holds what its type says; other types have no such part."""
    if kind not in OFFICE:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return OFFICE[kind] in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def _guesses(data: bytes) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return puremagic.magic_string(data)
    except (puremagic.PureError, ValueError):
        return []


def display_name(name: str) -> str:
    """A browser's file name made harmless: no path, no control or format characters, not long."""
    base = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in unicodedata.normalize("NFC", base) if c.isprintable())
    stem, dot, suffix = kept.strip(" .").rpartition(".")
    return f"{(stem or suffix)[:120]}{dot if stem else ''}{suffix[:10] if stem else ''}" or "file"


def save(
    session: Session,
    store: FileStore,
    upload: Upload,
    by: UUID,
    accepted: frozenset[str] = EVIDENCE,
    field: str = "file",
) -> StoredFile:
    """Check and keep an upload. Raises Invalid, for the field, on size or type."""
    data = read(upload, store.limit, field)
    kind = media_type(data, accepted, field)
    stored = StoredFile(
        sha256=store.put(data),
        size=len(data),
        media_type=kind,
        name=display_name(upload.name),
        uploaded_by=by,
    )
    session.add(stored)
    session.flush()
    return stored
