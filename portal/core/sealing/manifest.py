"""The manifest: every field and file of a bid, with a nonce, so that a hash of it tells nothing."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.core.crypto import canonical
from portal.core.sealing.envelope import Fingerprint, Place, Randomness
from portal.core.sealing.errors import CommitmentBroken, Misplaced, NotABundle

FORM = "jiebang-bid-v1"
COMMITMENT = b"commit-v1"
NONCE = 32


@dataclass(frozen=True)
class SealedPart:
    """A file that was sealed before: the part's name and the fingerprint of its sealed bytes."""

    id: str
    sealed: Fingerprint


@dataclass(frozen=True)
class FileFacts:
    """A file of a bid: size in bytes and SHA-256 (hexadecimal) of its content."""

    name: str
    media_type: str
    size: int
    sha256: str
    part: SealedPart | None = None

    def to_json(self) -> dict[str, object]:
        """As the manifest has it."""
        facts: dict[str, object] = {
            "name": self.name,
            "sha256": self.sha256,
            "size": self.size,
            "type": self.media_type,
        }
        if self.part:
            sealed = self.part.sealed
            facts["part"] = {"id": self.part.id, "sha256": sealed.sha256, "size": sealed.size}
        return facts

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "FileFacts":
        """Back from the manifest. Raises KeyError, TypeError."""
        part = None
        if "part" in facts:
            given = facts["part"]
            part = SealedPart(given["id"], Fingerprint(given["sha256"], given["size"]))
        return cls(facts["name"], facts["type"], facts["size"], facts["sha256"], part)


@dataclass(frozen=True)
class Manifest:
    """All that one version of a bid says; `nonce` is 32 random bytes that hide it in its hash."""

    challenge: str
    bid: str
    version: int
    nonce: bytes
    fields: Mapping[str, Any]
    """JSON; its shape is the bids' business."""
    files: tuple[FileFacts, ...]

    @property
    def place(self) -> Place:
        """Where its envelope belongs."""
        return Place.of_bid(self.challenge, self.bid, self.version)

    def to_bytes(self) -> bytes:
        """Canonical JSON: the bytes that are sealed, hashed and kept by the bidder."""
        return canonical(
            {
                "bid": self.bid,
                "challenge": self.challenge,
                "fields": dict(self.fields),
                "files": [file.to_json() for file in self.files],
                "form": FORM,
                "nonce": self.nonce.hex(),
                "version": self.version,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        """Back from its bytes. Raises NotABundle unless they are exactly what `to_bytes` writes."""
        try:
            facts = json.loads(data)
            made = cls(
                facts["challenge"],
                facts["bid"],
                facts["version"],
                bytes.fromhex(facts["nonce"]),
                facts["fields"],
                tuple(FileFacts.from_json(file) for file in facts["files"]),
            )
            if made.to_bytes() == data and len(made.nonce) == NONCE and _have_sizes(made):
                return made
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        raise NotABundle("manifest")

    def require(self, place: Place, commit: str | None) -> None:
        """Raise Misplaced or CommitmentBroken unless it is for this place and has this commitment."""
        if self.place != place:
            raise Misplaced
        if commit is not None and commitment(self.to_bytes()) != commit:
            raise CommitmentBroken


def _have_sizes(manifest: Manifest) -> bool:
    sizes = [file.size for file in manifest.files]
    return all(type(size) is int and size >= 0 for size in sizes)


def new_nonce(randomness: Randomness = os.urandom) -> bytes:
    """A nonce for one version of one bid."""
    return randomness(NONCE)


def commitment(manifest: bytes) -> str:
    """SHA-256 of "commit-v1" and the manifest's bytes, hexadecimal. Hiding because of the nonce."""
    return hashlib.sha256(COMMITMENT + manifest).hexdigest()
