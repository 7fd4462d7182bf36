"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature; Ed25519).

A note is a text, an empty line and signature lines. A checkpoint is a note whose text is the log's name,
its size and its root. The log signs it (type 1); witnesses add a line with their time (type 4).
"""

import hashlib
import re
import struct
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 1, 4
"""Types of signature: of a note's text; of a witness with its time."""
DASH = "\N{EM DASH} "
MOST_SIGNATURES = 100
HASH = 32
LATEST = 2**63 - 1
SIZE = re.compile("0|[1-9][0-9]{0,18}")


class NoteError(Exception):
    """A note that cannot be read, or is not signed by whom it should be."""


@dataclass(frozen=True)
class VerifierKey:
    """Who signs: name, type of signature, public key (32 bytes); written `name+id+base64`."""

    name: str
    kind: int
    public_key: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + bytes([self.kind])
        return hashlib.sha256(named + self.public_key).digest()[:4]

    def __str__(self) -> str:
        material = b64encode(bytes([self.kind]) + self.public_key).decode()
        return f"{self.name}+{self.id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """From its written form. Raises NoteError."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not is_name(parts[0]):
            raise NoteError("not a verifier key")
        material = _decoded(parts[2])
        if len(material) != 1 + HASH or material[0] not in (LOG, WITNESS):
            raise NoteError("not an Ed25519 verifier key")
        key = cls(parts[0], material[0], material[1:])
        if parts[1] != key.id.hex():
            raise NoteError("the id is not that of the key")
        return key


def is_name(text: str) -> bool:
    """Whether a key may be called so: not empty, no spaces, no plus, nothing unprintable."""
    return bool(text) and text.isprintable() and not any(c.isspace() or c == "+" for c in text)


def verifier_key(name: str, key: Ed25519PrivateKey, kind: int = LOG) -> VerifierKey:
    """The public side of a signing key."""
    return VerifierKey(name, kind, key.public_key().public_bytes_raw())


@dataclass(frozen=True)
class Signature:
    """One line: who, which key, and the signature's bytes."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text that ends with a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    @classmethod
    def parse(cls, written: str) -> "Note":
        """From its written form. Raises NoteError. Nothing is verified yet."""
        if any(c < " " and c != "\n" for c in written):
            raise NoteError("control characters")
        text, mark, lines = written.rpartition("\n\n")
        if not mark or not lines.endswith("\n"):
            raise NoteError("no signatures")
        rows = lines[:-1].split("\n")
        if len(rows) > MOST_SIGNATURES:
            raise NoteError("too many signatures")
        return cls(text + "\n", tuple(_signature(row) for row in rows))

    def verify(self, keys: Iterable[VerifierKey]) -> list[tuple[VerifierKey, int | None]]:
        """Who of `keys` signed, with a witness's time in seconds since 1970.

        Raises NoteError when nobody did, or a signature of one of them is wrong.
        """
        known = {(key.name, key.id): key for key in keys}
        found = []
        for signature in self.signatures:
            key = known.pop((signature.name, signature.key_id), None)
            if key is not None:
                found.append((key, _verified(self.text, key, signature.value)))
        if not found:
            raise NoteError("not signed by a known key")
        return found


def _decoded(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise NoteError("not base64") from None
    if b64encode(data).decode() != text:
        raise NoteError("not base64 in its one form")
    return data


def _signature(line: str) -> Signature:
    name, _, value = line.removeprefix(DASH).partition(" ")
    data = _decoded(value)
    if not line.startswith(DASH) or not is_name(name) or len(data) < 5:
        raise NoteError("not a signature line")
    return Signature(name, data[:4], data[4:])


def _verified(text: str, key: VerifierKey, value: bytes) -> int | None:
    at, message = None, text.encode()
    if key.kind == WITNESS:
        if len(value) != 8 + 64:
            raise NoteError("not a witness's signature")
        (at,), value = struct.unpack(">Q", value[:8]), value[8:]
        if at > LATEST:
            raise NoteError("not a witness's time")
        message = _witnessed(text, at)
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(value, message)
    except InvalidSignature:
        raise NoteError(f"the signature of {key.name} is wrong") from None
    return at


def _witnessed(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """A note with one signature. Raises NoteError when the text cannot be a note's."""
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text) or not is_name(name):
        raise NoteError("not a text for a note")
    value = key.sign(text.encode())
    return Note(text, (Signature(name, verifier_key(name, key).id, value),))


def cosign(note: Note, name: str, key: Ed25519PrivateKey, at: int) -> Note:
    """The same note with a witness's line. `at` in seconds since 1970.

    The witness says: of all trees of this log that I have seen, this is the largest, and it begins
    with every one of the others. Check that first.
    """
    if not is_name(name) or not 0 <= at <= LATEST:
        raise NoteError("not a witness")
    value = struct.pack(">Q", at) + key.sign(_witnessed(note.text, at))
    line = Signature(name, verifier_key(name, key, WITNESS).id, value)
    return Note(note.text, (*note.signatures, line))


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its name, how many entries, and their root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """From a note's text. Raises NoteError. Lines beyond the third are not ours to read."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise NoteError("not a checkpoint")
        origin, size, root = lines[:3]
        if not SIZE.fullmatch(size):
            raise NoteError("not a size")
        made = cls(origin, int(size), _decoded(root))
        if len(made.root) != HASH:
            raise NoteError("not a root")
        return made


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> Note:
    """The log's own note; its key has the log's name."""
    return sign(str(checkpoint), checkpoint.origin, key)


def open_checkpoint(written: str, log_key: VerifierKey) -> Checkpoint:
    """A checkpoint that this log signed. Raises NoteError."""
    note = Note.parse(written)
    note.verify([log_key])
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log_key.name:
        raise NoteError("the checkpoint of another log")
    return checkpoint
