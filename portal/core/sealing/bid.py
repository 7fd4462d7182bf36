"""A whole bid sealed and opened: bundle in envelope, and its large files as parts of their own."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.core.sealing.bundle import Bundle, Content, bundled, padded, unbundled, unpadded
from portal.core.sealing.envelope import Fingerprint, Place, seal, unseal
from portal.core.sealing.errors import NotABundle
from portal.core.sealing.manifest import FileFacts, Manifest


def seal_bid(
    manifest: Manifest, contents: Callable[[FileFacts], Content], public_key: bytes
) -> Iterator[bytes]:
    """The sealed bytes of a bid. Raises FileChanged when a file is not the manifest's."""
    return seal(bundled(manifest, contents), manifest.place, public_key)


def seal_part(content: Content, challenge: str, bid: str, part: str, public_key: bytes) -> Content:
    """The sealed bytes of a large file; its size and hash are for the manifest to say."""
    return seal(padded(content), Place.of_part(challenge, bid, part), public_key)


def open_bid(
    source: BinaryIO,
    place: Place,
    private_key: X25519PrivateKey,
    expected: Fingerprint | None = None,
    commit: str | None = None,
) -> Bundle:
    """A bid with its manifest read and compared; take its files to the end to be certain of them.

    `expected` and `commit` are what the log and the receipt say. Raises the errors of `errors`.
    """
    bundle = unbundled(unseal(source, place, private_key, expected))
    bundle.manifest.require(place, commit)
    return bundle


def open_part(
    source: BinaryIO, manifest: Manifest, file: FileFacts, private_key: X25519PrivateKey
) -> Iterator[bytes]:
    """The bytes of a file that was sealed as a part, checked against the manifest as they come."""
    if file.part is None:
        raise NotABundle(file.name)
    place = Place.of_part(manifest.challenge, manifest.bid, file.part.id)
    return unpadded(unseal(source, place, private_key, file.part.sealed), file)
