"""A small bid to seal, with what the log would say of it."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.core.sealing.bid import seal_bid, seal_part
from portal.core.sealing.envelope import Fingerprint
from portal.core.sealing.manifest import FileFacts, Manifest, SealedPart, new_nonce

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
SMALL = {"预算.xlsx": b"PK\x03\x04" + b"budget" * 900, "empty.pdf": b""}
LARGE = b"%PDF-" + bytes(range(256)) * 700


def fingerprint(data: bytes) -> Fingerprint:
    """What the log would say of sealed bytes."""
    return Fingerprint(hashlib.sha256(data).hexdigest(), len(data))


def pieces(data: bytes, size: int = 1000) -> Iterator[bytes]:
    """Bytes as they come from a socket."""
    for place in range(0, len(data), size):
        yield data[place : place + size]


def facts(name: str, data: bytes, part: SealedPart | None = None) -> FileFacts:
    """What the manifest says of a file."""
    return FileFacts(name, "application/pdf", len(data), hashlib.sha256(data).hexdigest(), part)


@dataclass(frozen=True)
class Sealed:
    """A sealed bid and its part."""

    manifest: Manifest
    envelope: bytes
    part: bytes

    @property
    def expected(self) -> Fingerprint:
        """What the log says of it."""
        return fingerprint(self.envelope)

    def stream(self) -> BytesIO:
        """The envelope to read from."""
        return BytesIO(self.envelope)


def make_sealed(bid: str = "B-1", version: int = 1, price: str = "1200000.00") -> Sealed:
    """Seal a bid with two small files, and a large one as a part."""
    part = b"".join(seal_part(pieces(LARGE), "C-1", bid, "P-1", PUBLIC))
    files = [facts(name, data) for name, data in SMALL.items()]
    files.insert(1, facts("方案.pdf", LARGE, SealedPart("P-1", fingerprint(part))))
    fields = {"price": price, "team": ["甲", "乙"], "share": 0.5}
    manifest = Manifest("C-1", bid, version, new_nonce(), fields, tuple(files))
    sealed = seal_bid(manifest, lambda file: pieces(SMALL[file.name]), PUBLIC)
    return Sealed(manifest, b"".join(sealed), part)


def head_size(envelope: bytes) -> int:
    """Bytes before the sealed key."""
    (length,) = struct.unpack(">H", envelope[10:12])
    return 12 + int(length)
