"""Where an upload waits until it is checked: in memory, and on disc only in ciphertext.

Werkzeug puts what is larger than 500 KB into a temporary file as it is. This one is encrypted
(AES-256-CTR, which can be read from any place) under a key that exists only in the object. It is not
authenticated: the file has no name, and nobody but this process has it open.
"""

import io
import os
import tempfile
from typing import IO, Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

IN_MEMORY = 512 << 10
"""As much as this stays in memory; more goes to the disc, all of it."""
BLOCK = 16


class Spool(io.RawIOBase):
    """A file to write once, then to read from any place; not for several threads."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._file: IO[bytes] = io.BytesIO()
        self._key: bytes | None = None
        self._base = int.from_bytes(os.urandom(BLOCK))
        self._place = self._size = 0

    @property
    def is_on_disc(self) -> bool:
        """Whether it has grown too large for the memory."""
        return self._key is not None

    def readable(self) -> bool:
        """It can be read."""
        return True

    def writable(self) -> bool:
        """It can be written."""
        return True

    def seekable(self) -> bool:
        """It can be read from any place."""
        return True

    def tell(self) -> int:
        """The place in bytes."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place. Raises ValueError for one before the start."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the start")
        self._place = start + offset
        return self._place

    def write(self, data: Any) -> int:
        """Write at the place where it is."""
        piece = bytes(data)
        if self._key is None and self._place + len(piece) > self._in_memory:
            self._to_disc()
        self._put(piece)
        return len(piece)

    def _put(self, piece: bytes) -> None:
        self._file.seek(self._place)
        self._file.write(self._veiled(piece, self._place))
        self._place += len(piece)
        self._size = max(self._size, self._place)

    def _to_disc(self) -> None:
        held, place = self._file, self._place
        held.seek(0)
        plain = held.read()
        self._key = os.urandom(32)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        self._place = 0
        self._put(plain)
        self._place = place

    def readinto(self, buffer: Any) -> int:
        """Read from the place where it is."""
        self._file.seek(self._place)
        piece = self._veiled(self._file.read(len(buffer)), self._place)
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def _veiled(self, piece: bytes, place: int) -> bytes:
        """Plaintext to ciphertext or back: the same in this mode."""
        if self._key is None:
            return piece
        block, skipped = divmod(place, BLOCK)
        counter = (self._base + block) % (1 << 8 * BLOCK)
        cipher = Cipher(AES(self._key), CTR(counter.to_bytes(BLOCK))).encryptor()
        return cipher.update(bytes(skipped) + piece)[skipped:]

    def close(self) -> None:
        """Forget it."""
        self._file.close()
        super().close()
