"""Uploaded files: type told by content, kept under their hash, names never trusted."""

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

import fsspec
from fsspec.implementations.local import LocalFileSystem
from sqlalchemy import LargeBinary, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core.db import Base, Key, is_full
from portal.core.errors import Invalid, NoRoom, NotFound
from portal.core.failpoints import reach
from portal.core.kinds import EVIDENCE, SUFFIXES, media_type, require_end
from portal.core.locking import LockedJson, lock
from portal.core.screening.checks import require_clean
from portal.core.screening.scanner import Scanner
from portal.core.sealing.bundle import padded, unpadded
from portal.core.sealing.manifest import FileFacts

CHUNK = 1 << 20
DIGEST = re.compile("[0-9a-f]{64}")
PART, ASIDE = ".part", ".aside"
"""Ends of names: of what is being written, and of what is being removed."""
ENVELOPE = b"JBSEAL"
"""How sealed and locked bytes begin (core/sealing): under a fresh key, so never twice the same."""
Sealer = Callable[[Iterable[bytes], UUID], Iterable[bytes]]
"""Seals the bytes of a file, under the id of its row."""
NOTHING_TOLD = "application/octet-stream"
"""The media type of a file that is locked."""


class StoredFile(Base):
    """One uploaded file; the bytes lie in the store under `sha256`.

    Of a locked file the columns tell of the locked bytes; what it is, `locked` keeps. A `sealed` one
    the portal cannot read: it is sealed to an opening key, and `locked` is empty once it is handed in.
    """

    __tablename__ = "stored_files"

    id: Mapped[Key]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    locked: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    told = LockedJson("locked")

    @property
    def facts(self) -> FileFacts:
        """Name, type, size and hash of the file itself. Raises Locked, NotFound."""
        if self.locked is None and self.sealed:
            raise NotFound
        if self.locked is None:
            return FileFacts(self.name, self.media_type, self.size, self.sha256)
        return FileFacts.from_json(self.told)


@dataclass(frozen=True)
class Upload:
    """What a form hands in: a stream at its start and the name that the browser gave."""

    stream: BinaryIO
    name: str


def _mark(facts: Mapping[str, Any]) -> str:
    """What tells one writing from another, of what fsspec knows of a file or an object."""
    return " ".join(str(facts.get(name, "")) for name in ("size", "mtime", "ino", "LastModified"))


class FileStore:
    """The place for bytes: a folder or any object store that fsspec knows; no upload is larger than
    `limit` bytes, and `scanner` sees each of them."""

    def __init__(self, url: str, limit: int, scanner: Scanner | None = None) -> None:
        self.limit, self.scanner = limit, scanner
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._is_folder = isinstance(self._fs, LocalFileSystem)

    def put(self, data: bytes) -> str:
        """Keep bytes, whole or not at all, and return their SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        return digest if self._renewed(digest) else self.put_pieces([data])[0]

    def _renewed(self, digest: str) -> bool:
        """Whether the bytes lie in the folder already; then they count as just written (`remove`)."""
        with suppress(FileNotFoundError):
            if self._is_folder:
                os.utime(self._path(digest))
                return os.path.exists(self._path(digest))  # `remove` may have had it in hand
        return False

    def put_stream(self, source: BinaryIO) -> tuple[str, int]:
        """Keep what a file says, whole or not at all, and return its SHA-256 and its size."""
        return self.put_pieces(iter(lambda: source.read(CHUNK), b""))

    def put_pieces(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Keep what comes in pieces, whole or not at all: their SHA-256 and size.

        When this returns they are on the disc, whatever happens to the machine: under a name of their
        own first (fsspec's transactions are shared by all threads), synced, renamed, the folder synced.
        Raises NoRoom.
        """
        part = f"{self._root}/{uuid4().hex}{PART}"
        self._fs.makedirs(self._root, exist_ok=True)
        try:
            digest, size = self._written(part, pieces)
            path = self._path(digest)
            self._fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self._fs.mv(part, path)
            reach("blob_renamed")
        except BaseException as error:
            if self._fs.exists(part):
                self._fs.rm_file(part)
            if is_full(error):
                raise NoRoom from error
            raise
        self._sync_folder(path)
        return digest, size

    def _written(self, part: str, pieces: Iterable[bytes]) -> tuple[str, int]:
        whole, size = hashlib.sha256(), 0
        with self._fs.open(part, "wb") as target:
            for piece in pieces:
                whole.update(piece)
                size += len(piece)
                target.write(piece)
            reach("blob_tmp")
            if self._is_folder:
                target.flush()
                os.fsync(target.fileno())
            reach("blob_fsync")
        return whole.hexdigest(), size

    def _sync_folder(self, path: str) -> None:
        """A new name is on the disc only when its folder is."""
        if not self._is_folder:
            return
        for folder in (Path(path).parent, Path(self._root)):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def has(self, digest: str) -> bool:
        """Whether there are bytes of this digest."""
        return bool(self._fs.exists(self._path(digest)))

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

    def found(self) -> Iterator[tuple[str, str]]:
        """All that lies in the store, also what was broken off: each path below its root with a mark,
        which a new writing of the same bytes changes."""
        kept = self._fs.find(self._root, detail=True) if self._fs.exists(self._root) else {}
        for path in sorted(kept):
            yield path[len(self._root) + 1 :], _mark(kept[path])

    def remove(self, path: str, mark: str) -> bool:
        """Delete what lies at a path if its mark is still the same; whether it is gone.

        It is renamed first and looked at then: who puts the same bytes meanwhile puts them anew, or
        has changed the mark. An object store cannot do that: there only envelopes go, which nobody
        can write a second time, and what was broken off.
        """
        whole = f"{self._root}/{path}"
        if not self._is_folder:
            return self._removed_object(whole, mark)
        aside = whole + ASIDE
        try:
            os.rename(whole, aside)
        except FileNotFoundError:
            return True
        if _mark(self._fs.info(aside)) == mark:
            os.unlink(aside)
            return True
        os.rename(aside, whole)
        return False

    def _removed_object(self, whole: str, mark: str) -> bool:
        begins = self._fs.cat_file(whole, 0, len(ENVELOPE))
        if not (whole.endswith(PART) or begins == ENVELOPE) or _mark(self._fs.info(whole)) != mark:
            return False
        self._fs.rm_file(whole)
        return True

    def put_back(self) -> None:
        """What a removing that was broken off has left aside lies in its place again."""
        for path, _ in self.found() if self._is_folder else ():
            if path.endswith(ASIDE):
                whole = f"{self._root}/{path}"
                os.rename(whole, whole.removesuffix(ASIDE))

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


def display_name(name: str) -> str:
    """A browser's file name made harmless: no path, no control or format characters, not long."""
    base = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in unicodedata.normalize("NFC", base) if c.isprintable())
    stem, dot, suffix = kept.strip(" .").rpartition(".")
    return f"{(stem or suffix)[:120]}{dot if stem else ''}{suffix[:10] if stem else ''}" or "file"


def fitting_name(name: str, kind: str) -> str:
    """A display name that ends as the content is, so that no system opens it as something else."""
    shown, known = display_name(name), SUFFIXES[kind]
    return shown if shown.lower().endswith(known) else f"{shown}{known[0]}"


def save(
    session: Session,
    store: FileStore,
    upload: Upload,
    by: UUID,
    accepted: frozenset[str] = EVIDENCE,
    field: str = "file",
    locks: bool = False,
    seals: Sealer | None = None,
) -> StoredFile:
    """Check and keep an upload, locked or sealed if told so.

    Raises Invalid, for the field, on size or type; what is sealed has to have its end as well.
    """
    facts = _checked(store, upload, accepted, field)
    pieces = pieces_of(upload)
    stored = StoredFile(id=uuid4(), uploaded_by=by, sealed=seals is not None)
    if seals is not None:
        require_end(upload.stream, facts.size, facts.media_type, field)
        _keep_closed(store, stored, facts, seals(pieces_of(upload), stored.id))
    elif locks:
        keep_locked(store, stored, facts, pieces)
    else:
        stored.sha256, stored.size = store.put_pieces(pieces)
        stored.name, stored.media_type = facts.name, facts.media_type
    session.add(stored)
    session.flush()
    return stored


def pieces_of(upload: Upload) -> Iterator[bytes]:
    """The upload from its beginning, piece by piece: it may be larger than the memory should be."""
    upload.stream.seek(0)
    return iter(lambda: upload.stream.read(CHUNK), b"")


def digest_of(upload: Upload, limit: int, field: str) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size. Raises Invalid when empty or above `limit` bytes."""
    whole, size = hashlib.sha256(), 0
    for piece in pieces_of(upload):
        whole.update(piece)
        size += len(piece)
        if size > limit:
            raise Invalid(field, "The file is larger than %(limit)s MB.", limit=limit // CHUNK)
    if not size:
        raise Invalid(field, "The file is empty.")
    return whole.hexdigest(), size


def _checked(store: FileStore, upload: Upload, accepted: frozenset[str], field: str) -> FileFacts:
    """What the upload is, of which nothing is kept yet."""
    digest, size = digest_of(upload, store.limit, field)
    kind = media_type(upload.stream, accepted, field)
    require_clean(store.scanner, upload.stream, field)
    return FileFacts(fitting_name(upload.name, kind), kind, size, digest)


def keep_locked(
    store: FileStore, stored: StoredFile, facts: FileFacts, pieces: Iterable[bytes]
) -> None:
    """Keep a file's bytes locked for its row, which has its key; `facts` say what it is."""
    stored.sealed = False
    _keep_closed(store, stored, facts, lock().lock_file(padded(pieces), stored.id))


def _keep_closed(
    store: FileStore, stored: StoredFile, facts: FileFacts, closed: Iterable[bytes]
) -> None:
    stored.sha256, stored.size = store.put_pieces(closed)
    stored.name, stored.media_type = "", NOTHING_TOLD
    tell(stored, facts)


def tell(stored: StoredFile, facts: FileFacts) -> None:
    """Keep, locked, what a closed file is."""
    stored.told = facts.to_json()


def sealed_aside(stored: StoredFile) -> StoredFile:
    """A row of its own for the sealed bytes of a file that is opened: receipts name them."""
    facts = {"sha256": stored.sha256, "size": stored.size, "media_type": NOTHING_TOLD, "name": ""}
    return StoredFile(**facts, sealed=True, uploaded_by=stored.uploaded_by)


def forget(stored: StoredFile) -> None:
    """Keep no longer what a sealed file is; its sealed bytes stay."""
    if stored.sealed:
        stored.locked = None


def contents(store: FileStore, stored: StoredFile) -> Iterator[bytes]:
    """The file's own bytes, in pieces. Raises OSError, Locked, SealingError; perhaps at the end.

    Raises NotFound for a sealed one.
    """
    if stored.sealed:
        raise NotFound
    with store.open(stored.sha256) as source:
        if stored.locked is None:
            yield from iter(lambda: source.read(CHUNK), b"")
        else:
            yield from unpadded(lock().unlock_file(source, stored.id), stored.facts)


def release(store: FileStore, stored: StoredFile) -> None:
    """Keep a locked file as it is, for others to read; the locked bytes go with the sweeper."""
    if stored.locked is None:
        return
    facts = stored.facts
    store.put_pieces(contents(store, stored))
    stored.sha256, stored.size, stored.locked = facts.sha256, facts.size, None
    stored.name, stored.media_type = facts.name, facts.media_type
