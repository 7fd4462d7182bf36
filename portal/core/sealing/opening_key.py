"""A challenge's key for opening: its public half stays, its private half only within pairs of shares.

Three shares of 32 random bytes for three bodies; for every pair of them the private key is wrapped by
AES-256-GCM under HKDF-SHA256 of both. Any two open, one opens nothing. Each share has a canary of its
own, so that its holder can prove it alone, without the key coming into being before the deadline.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.core.crypto import canonical, sha256
from portal.core.sealing.envelope import Place, Randomness, seal, unseal
from portal.core.sealing.errors import SameShare, SealingError, TooFewShares, WrongShare
from portal.core.sealing.wiping import wipe

HOLDERS = (1, 2, 3)
KEY, NONCE = 32, 12
Pair = tuple[int, int]


@dataclass(frozen=True)
class OpeningKey:
    """What is stored of a challenge's key. Wraps and canaries are 60 bytes each."""

    challenge: str
    public_key: bytes
    wraps: Mapping[Pair, bytes]
    canaries: Mapping[int, bytes]
    envelope: bytes
    """A sealed canary, opened like a bid to try a pair of shares."""

    @property
    def sha256(self) -> str:
        """The public key's hash, as the log has it."""
        return sha256(self.public_key)


Shares = Mapping[int, bytes | bytearray]
"""Holder (1 to 3) to share."""


def new_opening_key(
    challenge: str, randomness: Randomness = os.urandom
) -> tuple[OpeningKey, dict[int, bytearray]]:
    """A fresh key and its three shares, which open by every pair. The caller wipes the shares."""
    secret = bytearray(randomness(KEY))
    shares = {holder: bytearray(randomness(KEY)) for holder in HOLDERS}
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    made = OpeningKey(
        challenge,
        public,
        {
            pair: _locked(secret, shares, _wrap_info(challenge, *pair), pair, randomness)
            for pair in combinations(HOLDERS, 2)
        },
        {
            holder: _locked(
                bytes.fromhex(sha256(public)),
                shares,
                _canary_info(challenge, holder),
                (holder,),
                randomness,
            )
            for holder in HOLDERS
        },
        b"".join(seal([canary_text(challenge)], Place.of_canary(challenge), public)),
    )
    wipe(secret)
    for first, second in combinations(HOLDERS, 2):
        with opened(made, {first: shares[first], second: shares[second]}) as key:
            try_key(made, key)
    return made, shares


def canary_text(challenge: str) -> bytes:
    """What the canary's envelope holds."""
    return canonical(["canary-v1", challenge])


def _wrap_info(challenge: str, first: int, second: int) -> bytes:
    return canonical(["wrap-v1", challenge, first, second])


def _canary_info(challenge: str, holder: int) -> bytes:
    return canonical(["share-canary-v1", challenge, holder])


def _derived(shares: Shares, holders: tuple[int, ...], info: bytes) -> bytearray:
    material = bytearray()
    for holder in holders:
        material += shares[holder]
    key = bytearray(KEY)
    HKDF(SHA256(), KEY, salt=None, info=info).derive_into(material, key)
    wipe(material)
    return key


def _locked(
    what: bytes | bytearray,
    shares: Shares,
    info: bytes,
    holders: tuple[int, ...],
    randomness: Randomness,
) -> bytes:
    key, nonce = _derived(shares, holders, info), randomness(NONCE)
    locked = nonce + AESGCM(key).encrypt(nonce, what, info)
    wipe(key)
    return locked


def _unlocked(locked: bytes, shares: Shares, info: bytes, holders: tuple[int, ...]) -> bytearray:
    key, secret = _derived(shares, holders, info), bytearray(KEY)
    try:
        AESGCM(key).decrypt_into(locked[:NONCE], locked[NONCE:], info, secret)
    except (InvalidTag, ValueError):
        raise WrongShare from None
    finally:
        wipe(key)
    return secret


def prove(key: OpeningKey, holder: int, share: bytes | bytearray) -> None:
    """Show that a holder's share is right, by its own canary. Raises WrongShare."""
    if holder not in key.canaries or len(share) != KEY:
        raise WrongShare
    info = _canary_info(key.challenge, holder)
    if _unlocked(key.canaries[holder], {holder: share}, info, (holder,)).hex() != key.sha256:
        raise WrongShare


@contextmanager
def opened(key: OpeningKey, shares: Shares) -> Iterator[X25519PrivateKey]:
    """The private key, from two shares, for the time of a block.

    Raises TooFewShares, SameShare; WrongShare when they are not of this challenge and these holders.
    """
    if len(shares) < 2:
        raise TooFewShares
    pair = sorted(shares)[:2]
    first, second = pair
    if bytes(shares[first]) == bytes(shares[second]):
        raise SameShare
    if (first, second) not in key.wraps or {len(shares[holder]) for holder in pair} != {KEY}:
        raise WrongShare
    info = _wrap_info(key.challenge, first, second)
    secret = _unlocked(key.wraps[first, second], shares, info, (first, second))
    try:
        private = X25519PrivateKey.from_private_bytes(secret)
    finally:
        wipe(secret)
    if private.public_key().public_bytes_raw() != key.public_key:
        raise WrongShare  # the stored halves are not of one pair
    yield private


def try_key(key: OpeningKey, private: X25519PrivateKey) -> None:
    """Open the canary's envelope as a bid would be. Raises WrongShare."""
    place = Place.of_canary(key.challenge)
    try:
        text = b"".join(unseal(BytesIO(key.envelope), place, private))
    except SealingError:
        raise WrongShare from None
    if text != canary_text(key.challenge):
        raise WrongShare
