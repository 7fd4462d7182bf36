"""Sealed bytes: AES-256-GCM in chunks under a fresh key, which HPKE seals to the challenge's key.

    magic "JBSEAL" and u16 format 1 | u16 suite | u16 n | n bytes of canonical JSON   <- the head
    80 bytes: the key, sealed by HPKE (RFC 9180, base mode) with the head as info
    12 bytes: the base nonce
    chunks, each of 4 MiB (the last of any length) and its tag of 16 bytes

Chunk i has the nonce (base XOR i) and, as associated data, the head, u64 i and one byte that is 1 for
the last chunk. docs/verification.md has the same with test vectors.
"""

import hashlib
import json
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from portal.core.crypto import canonical, sha256
from portal.core.sealing.errors import (
    Altered,
    Misplaced,
    NotAnEnvelope,
    Overlong,
    Substituted,
    Truncated,
    UnknownSuite,
    WrongKey,
)
from portal.core.sealing.wiping import wipe

MAGIC = b"JBSEAL\x00\x01"
HPKE_X25519_AES256GCM = 1
"""Suite 1: HPKE (0x0020, 0x0001, 0x0002) and AES-256-GCM. Others may follow, as SM2 of a site's HSM."""
CHUNK = 4 << 20
LARGEST_CHUNK = 4 << 20
LARGEST_HEAD = 4096
TAG, NONCE, KEY = 16, 12, 32
PAD = 64 << 10
"""What bids and parts are padded to a multiple of before they are sealed, in bytes."""
WRAPPED = 32 + KEY + TAG
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_FIXED = struct.Struct(">8sHH")

Randomness = Callable[[int], bytes]


@dataclass(frozen=True)
class Place:
    """What some sealed bytes are; bytes sealed as one thing do not open as another."""

    names: tuple[str | int, ...]

    @classmethod
    def of_bid(cls, challenge: str, bid: str, version: int) -> "Place":
        """One version of a bid."""
        return cls(("bid-v1", challenge, bid, version))

    @classmethod
    def of_part(cls, challenge: str, bid: str, part: str) -> "Place":
        """A large file of a bid, sealed before the bid is submitted."""
        return cls(("part-v1", challenge, bid, part))

    @classmethod
    def of_canary(cls, challenge: str) -> "Place":
        """What shows that the shares of a challenge open."""
        return cls(("canary-v1", challenge))


def seal(
    source: Iterable[bytes],
    place: Place,
    public_key: bytes,
    chunk: int = CHUNK,
    randomness: Randomness = os.urandom,
) -> Iterator[bytes]:
    """Seal a stream for a public key (32 bytes); needs the memory of a few chunks."""
    head = _head(place, public_key, chunk)
    recipient = X25519PublicKey.from_public_bytes(public_key)
    secret, base = bytearray(randomness(KEY)), randomness(NONCE)
    sealed_key, cipher = _HPKE.encrypt(secret, recipient, info=head), AESGCM(secret)
    wipe(secret)
    yield head + sealed_key + base
    for index, (plain, last) in enumerate(_marked(_even(source, chunk))):
        yield cipher.encrypt(_nonce(base, index), plain, _bound(head, index, last))


def _head(place: Place, public_key: bytes, chunk: int) -> bytes:
    facts = {"chunk": chunk, "key": sha256(public_key), "place": list(place.names)}
    text = canonical(facts)
    return _FIXED.pack(MAGIC, HPKE_X25519_AES256GCM, len(text)) + text


def _nonce(base: bytes, index: int) -> bytes:
    return (int.from_bytes(base) ^ index).to_bytes(NONCE)


def _bound(head: bytes, index: int, last: bool) -> bytes:
    return head + struct.pack(">QB", index, last)


def _even(source: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of one size; only the last, or the only one, may be shorter."""
    held = bytearray()
    any_yet = False
    for piece in source:
        view = memoryview(piece)
        while len(view):
            taken = view[: size - len(held)]
            held += taken
            view = view[len(taken) :]
            if len(held) == size:
                yield bytes(held)
                any_yet = True
                held.clear()
    if held or not any_yet:
        yield bytes(held)


def _marked(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each piece with whether it is the last."""
    before: bytes | None = None
    for piece in pieces:
        if before is not None:
            yield before, False
        before = piece
    if before is not None:
        yield before, True


@dataclass(frozen=True)
class Fingerprint:
    """What a receipt and the log say of sealed bytes: SHA-256 (hexadecimal) and size in bytes."""

    sha256: str
    size: int


class Fingerprinted:
    """A stream to read from, whose fingerprint is known when it was read to its end."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._whole = hashlib.sha256()
        self._size = 0

    def read(self, size: int) -> bytes:
        """So many bytes; fewer only at the end."""
        taken = bytearray()
        while len(taken) < size and (piece := self._source.read(size - len(taken))):
            taken += piece
        self._whole.update(taken)
        self._size += len(taken)
        return bytes(taken)

    @property
    def fingerprint(self) -> Fingerprint:
        """Hash and size of what was read."""
        return Fingerprint(self._whole.hexdigest(), self._size)


def unseal(
    source: BinaryIO,
    place: Place,
    private_key: X25519PrivateKey,
    expected: Fingerprint | None = None,
) -> Iterator[bytes]:
    """What was sealed, in pieces of at most 4 MiB, each checked before it is given out.

    Only when the iterator has ended is it certain that nothing is missing and that the bytes are those
    of the receipt: do not use what came before. Raises the errors of `errors`.
    """
    sealed = Fingerprinted(source)
    head, chunk = _read_head(sealed, place, private_key.public_key().public_bytes_raw())
    rest = sealed.read(WRAPPED + NONCE)
    if len(rest) < WRAPPED + NONCE:
        raise Truncated
    try:
        secret = _HPKE.decrypt(rest[:WRAPPED], private_key, info=head)
    except (InvalidTag, ValueError):
        raise Altered("head") from None
    cipher = AESGCM(secret)
    del secret
    base, index, piece = rest[WRAPPED:], 0, sealed.read(chunk + TAG)
    while True:
        after = sealed.read(chunk + TAG)
        try:
            yield _opened(cipher, head, base, index, piece, last=not after)
        except Altered:
            _compare_sizes(sealed, expected)
            raise
        if not after:
            break
        index, piece = index + 1, after
    if expected is not None and sealed.fingerprint != expected:
        raise Substituted


def _compare_sizes(sealed: Fingerprinted, expected: Fingerprint | None) -> None:
    """Say rather that the end is missing, or that something was added, where that is why."""
    if expected is None:
        return
    while sealed.read(CHUNK):
        pass
    if sealed.fingerprint.size != expected.size:
        raise (Truncated if sealed.fingerprint.size < expected.size else Overlong) from None


def require_form(source: BinaryIO, size: int, place: Place, public_key: bytes) -> None:
    """What can be told of sealed bytes without opening them: head, place, key and size.

    Raises NotAnEnvelope, UnknownSuite, Misplaced, WrongKey, Truncated.
    """
    head, chunk = _read_head(Fingerprinted(source), place, public_key)
    sealed = size - len(head) - WRAPPED - NONCE
    plain = sealed - TAG * -(-sealed // (chunk + TAG))
    if plain < PAD or plain % PAD:
        raise Truncated


def _read_head(sealed: Fingerprinted, place: Place, public_key: bytes) -> tuple[bytes, int]:
    """The head and the size of chunks, if the bytes are for this place and this key."""
    fixed = sealed.read(_FIXED.size)
    if len(fixed) < _FIXED.size or not fixed.startswith(MAGIC):
        raise NotAnEnvelope
    _, suite, length = _FIXED.unpack(fixed)
    if suite != HPKE_X25519_AES256GCM:
        raise UnknownSuite(str(suite))
    text = sealed.read(length) if length <= LARGEST_HEAD else b""
    try:
        facts = json.loads(text)
        chunk, key, names = facts["chunk"], facts["key"], tuple(facts["place"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotAnEnvelope from None
    if not isinstance(chunk, int) or not 0 < chunk <= LARGEST_CHUNK:
        raise NotAnEnvelope
    if names != place.names:
        raise Misplaced
    if key != sha256(public_key):
        raise WrongKey
    return fixed + text, chunk


def _opened(
    cipher: AESGCM, head: bytes, base: bytes, index: int, piece: bytes, last: bool
) -> bytes:
    try:
        return cipher.decrypt(_nonce(base, index), piece, _bound(head, index, last))
    except InvalidTag:
        pass
    try:  # whole, but on the wrong side of the end?
        cipher.decrypt(_nonce(base, index), piece, _bound(head, index, not last))
    except InvalidTag:
        raise Altered(f"chunk {index}") from None
    raise Truncated if last else Overlong
