"""Digests and canonical bytes, the one way that the portal hashes what people may check later."""

import hashlib
import json
from decimal import Decimal
from uuid import UUID


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8; decimals and ids as strings (as RFC 8785 for these)."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    ).encode()


def _plain(value: object) -> str:
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"not canonical: {type(value).__name__}")


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def leaf(data: bytes) -> bytes:
    """The RFC 6962 leaf hash: SHA-256 of a zero byte and the data, 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()
