"""The key with which the portal signs its log and receipts: one file of one line, outside the database.

The line is `PRIVATE+KEY+name+id+base64(01 ‖ seed)`, as Go's note package writes its keys. The name is
the log's for good: it stands in every checkpoint and receipt.
"""

import hashlib
import os
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PREFIX = "PRIVATE+KEY+"
ED25519 = b"\x01"
DEMO_NAME = "demo.jiebang/log"
"""The name of a demonstration's log; production refuses it."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFileError(Exception):
    """A key file that cannot serve; the text is one sentence for the operator."""


@dataclass(frozen=True)
class Signer:
    """Who signs: the log's name and its private key (Ed25519)."""

    name: str
    key: Ed25519PrivateKey

    @property
    def id(self) -> str:
        """Four bytes that tell keys of one name apart, hexadecimal."""
        public = self.key.public_key().public_bytes_raw()
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + public).hexdigest()[:8]

    def __str__(self) -> str:
        """Nothing secret: this may be printed."""
        return f"{self.name}+{self.id}"

    def written(self) -> str:
        """The private key as it stands in its file."""
        material = b64encode(ED25519 + self.key.private_bytes_raw()).decode()
        return f"{PREFIX}{self.name}+{self.id}+{material}\n"

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """From a key file's line. Raises KeyFileError."""
        try:
            name, number, material = text.strip().removeprefix(PREFIX).split("+", 2)
            raw = b64decode(material, validate=True)
            made = cls(name, Ed25519PrivateKey.from_private_bytes(raw[1:]))
        except ValueError:
            raise KeyFileError("The log's key file does not hold a key.") from None
        if raw[:1] != ED25519 or number != made.id or not text.startswith(PREFIX):
            raise KeyFileError("The log's key file does not hold a key.")
        return made


def load(path: Path) -> Signer:
    """The key of this file, which only its owner may read. Raises KeyFileError."""
    try:
        if path.stat().st_mode & OTHERS:
            raise KeyFileError(f"Others can read the log's key; forbid it: chmod 600 {path}")
        return Signer.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeyFileError(f"The log's key cannot be read: {path} ({error.strerror}).") from None


def make(path: Path, name: str) -> None:
    """A new key in a new file, readable by its owner. Raises FileExistsError: no key is written over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    signer = Signer(name, Ed25519PrivateKey.generate())
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=True) as file:  # mode 0600
        file.write(signer.written().encode())
        file.flush()
        os.fsync(file.fileno())
        os.link(file.name, path)  # whole or not at all, and the first of several wins


def load_or_make(path: Path, name: str) -> Signer:
    """The key of this file; a new one when there is none. Raises KeyFileError."""
    if not path.exists():
        try:
            make(path, name)
        except FileExistsError:
            pass  # another process of the portal was faster
        except OSError as error:
            raise KeyFileError(
                f"The log's key cannot be written: {path} ({error.strerror})."
            ) from None
    return load(path)
