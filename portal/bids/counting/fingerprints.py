"""One hash of many fingerprints: a Merkle root (RFC 6962), which does not depend on their order."""

from collections.abc import Iterable

from portal.audit.tree import Edge
from portal.core.crypto import leaf


def root_of(fingerprints: Iterable[str]) -> str:
    """The root over fingerprints (32 bytes each, hexadecimal), sorted; hexadecimal.

    Leaf i is SHA-256 of a zero byte and the bytes of fingerprint i.
    """
    edge = Edge()
    for one in sorted(fingerprints):
        edge.append(leaf(bytes.fromhex(one)))
    return edge.root().hex()
