"""What the portal keeps under its own key (JIEBANG_MASTER_KEY): drafts, their files, small secrets.

Weaker than sealing: whoever has the database and this key can read it. It keeps drafts out of dumps,
backups and discs. A small thing is bound to its place (table, column, row), so that nothing opens in
another row; a file is an envelope (core/sealing) for a key pair that is derived from the master key.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Self, overload
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.core.crypto import canonical
from portal.core.sealing.envelope import Place, seal, unseal
from portal.core.sealing.errors import WrongKey

FORM = b"\x01"
NONCE, KEY = 12, 32
CHUNK = 1 << 20
"""Files are locked in smaller chunks than bids: many are open at once while a bid is put together."""


class Locked(Exception):
    """What was kept does not open: it was changed, moved, or locked under another key."""


@dataclass(frozen=True)
class Where:
    """The one place of a small thing."""

    table: str
    column: str
    row: UUID

    def to_bytes(self) -> bytes:
        """What its lock is bound to."""
        return canonical(["lock-v1", self.table, self.column, self.row])


class Lock:
    """The two keys that come of the master key; while it is changed, the old one opens as well."""

    def __init__(self, master_key: str, old_key: str = "") -> None:
        keys = [key for key in (master_key, old_key) if key]
        self._small = [AESGCM(_derived(key, b"rows-v1")) for key in keys]
        self._files = [
            X25519PrivateKey.from_private_bytes(_derived(key, b"files-v1")) for key in keys
        ]
        self._public = self._files[0].public_key().public_bytes_raw()

    def lock(self, plain: bytes, where: Where) -> bytes:
        """A small thing, locked for its place: one byte of form, nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE)
        return FORM + nonce + self._small[0].encrypt(nonce, plain, where.to_bytes())

    def unlock(self, locked: bytes, where: Where) -> bytes:
        """The small thing. Raises Locked."""
        for key in self._small:
            plain = _opened(key, locked, where)
            if plain is not None:
                return plain
        raise Locked

    def is_current(self, locked: bytes, where: Where) -> bool:
        """Whether a small thing lies under the newest key."""
        return _opened(self._small[0], locked, where) is not None

    def lock_file(self, content: Iterable[bytes], row: UUID) -> Iterator[bytes]:
        """A file's bytes, locked for its row; needs the memory of a few chunks."""
        return seal(content, _file(row), self._public, CHUNK)

    def unlock_file(self, source: BinaryIO, row: UUID) -> Iterator[bytes]:
        """The file's bytes, from a stream at its start; what came before the end is not to be used if
        it ends in an error."""
        *older, last = reversed(self._files)
        for key in older:
            try:
                yield from unseal(source, _file(row), key)
            except WrongKey:
                source.seek(0)
            else:
                return
        yield from unseal(source, _file(row), last)

    def is_current_file(self, source: BinaryIO, row: UUID) -> bool:
        """Whether a file lies under the newest key, by its head. Raises SealingError."""
        try:
            next(unseal(source, _file(row), self._files[0]), None)
        except WrongKey:
            return False
        return True


def _opened(key: AESGCM, locked: bytes, where: Where) -> bytes | None:
    start = len(FORM) + NONCE
    if locked[: len(FORM)] != FORM:
        return None
    try:
        return key.decrypt(locked[len(FORM) : start], locked[start:], where.to_bytes())
    except (InvalidTag, ValueError):
        return None


def _derived(master_key: str, info: bytes) -> bytes:
    return HKDF(SHA256(), KEY, salt=None, info=b"jiebang " + info).derive(master_key.encode())


def _file(row: UUID) -> Place:
    return Place(("file-v1", str(row)))


_lock: list[Lock] = []


def use(master_key: str, old_key: str = "") -> None:
    """Take the master key for this process; rows that are loaded open by it, or by the old one."""
    _lock[:] = [Lock(master_key, old_key)]


def lock() -> Lock:
    """The lock of this process. Raises RuntimeError before there is one."""
    if not _lock:
        raise RuntimeError("no master key yet: create_app says which")
    return _lock[0]


def locked_json(value: Any, where: Where) -> bytes:
    """Any JSON, locked."""
    return lock().lock(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), where)


def unlocked_json(locked: bytes, where: Where) -> Any:
    """The JSON again. Raises Locked."""
    return json.loads(lock().unlock(locked, where))


class LockedJson:
    """An attribute of a row that a column of bytes keeps locked: `content = LockedJson("locked")`."""

    def __init__(self, column: str) -> None:
        self.column = column

    @overload
    def __get__(self, row: None, kind: type) -> Self: ...
    @overload
    def __get__(self, row: Any, kind: type) -> Any: ...
    def __get__(self, row: Any, kind: type) -> Any:
        """The JSON; None when nothing is kept. Raises Locked."""
        if row is None:
            return self
        locked = getattr(row, self.column)
        return None if locked is None else unlocked_json(locked, self._where(row))

    def __set__(self, row: Any, value: Any) -> None:
        """Lock it, for which the row needs its key; what is the same stays as it is."""
        row.id = row.id or uuid4()
        if value is None:
            setattr(row, self.column, None)
        elif getattr(row, self.column) is None or self.__get__(row, type(row)) != value:
            setattr(row, self.column, locked_json(value, self._where(row)))

    def _where(self, row: Any) -> Where:
        return Where(row.__tablename__, self.column, row.id)
