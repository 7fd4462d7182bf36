"""An entry as the tree and the export have it: what its leaf covers, and what may be left out.

The leaf covers number, kind, time, subject and a digest of the salted payload. So a payload can be
erased, or a whole entry shown by its leaf alone, and the tree still verifies.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from portal.core.crypto import canonical, leaf

VERSION = 2
FORM = "jiebang-log-v2"
SALT = 16
"""Bytes of salt: enough that nobody tries payloads until the digest fits."""


def stamp(at: datetime) -> str:
    """A time in the one form of the log: UTC, six decimals, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest(salt: bytes, payload: Mapping[str, str]) -> bytes:
    """SHA-256 of the salt and the payload's canonical JSON. Raises ValueError for keys beyond ASCII,
    whose order a verifier should not have to know."""
    if not all(key.isascii() for key in payload):
        raise ValueError("a payload's keys are ASCII")
    return hashlib.sha256(salt + canonical(dict(payload))).digest()


@dataclass(frozen=True)
class Leaf:
    """An entry: `payload` holds who acted as well (`actor`), so that it can be erased with the rest."""

    seq: int
    at: str
    kind: str
    subject: str
    digest: bytes
    salt: bytes | None = None
    payload: Mapping[str, str] | None = None

    @classmethod
    def of(
        cls,
        seq: int,
        at: datetime,
        kind: str,
        subject: str,
        salt: bytes,
        payload: Mapping[str, str],
    ) -> "Leaf":
        """A new entry, with its payload."""
        return cls(seq, stamp(at), kind, subject, digest(salt, payload), salt, payload)

    def covered(self) -> bytes:
        """The bytes that the leaf is the hash of."""
        return canonical(
            {
                "at": self.at,
                "digest": self.digest.hex(),
                "kind": self.kind,
                "seq": self.seq,
                "subject": self.subject,
                "v": VERSION,
            }
        )

    def hash(self) -> bytes:
        """The leaf, 32 bytes: SHA-256 of a zero byte and what it covers."""
        return leaf(self.covered())

    def erased(self) -> "Leaf":
        """The same entry without its payload; its leaf stays as it is."""
        return replace(self, salt=None, payload=None)

    def facts(self) -> dict[str, object]:
        """What a reader needs to compute the leaf: salt and payload, or their digest."""
        found: dict[str, object] = {
            "at": self.at,
            "kind": self.kind,
            "seq": self.seq,
            "subject": self.subject,
            "v": VERSION,
        }
        if self.payload is None or self.salt is None:
            return {**found, "digest": self.digest.hex()}
        return {**found, "payload": dict(self.payload), "salt": self.salt.hex()}


def first_line(origin: str) -> bytes:
    """How an export begins."""
    return canonical({"form": FORM, "origin": origin}) + b"\n"


def open_line(entry: Leaf, stored: bytes) -> bytes:
    """An entry in an export, with the leaf as it is stored."""
    return canonical({**entry.facts(), "leaf": stored.hex()}) + b"\n"


def closed_line(seq: int, stored: bytes) -> bytes:
    """An entry that its reader may not see: its leaf alone, from which nothing can be guessed."""
    return canonical({"leaf": stored.hex(), "seq": seq}) + b"\n"


def checkpoint_line(note: str) -> bytes:
    """A checkpoint of the entries above it."""
    return canonical({"checkpoint": note}) + b"\n"
