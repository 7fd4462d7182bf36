"""A custodian's share, which the portal shows once and never keeps: it keeps the public half.

The printed share is the private half of an X25519 pair of its own, made when its custodian asks for
it. So shares can be handed out one after another, and nothing that opens a bid waits anywhere: what
the key's making needs of a custodian is sealed to the public half.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from portal.core.crypto import canonical
from portal.core.sealing.envelope import Randomness
from portal.core.sealing.errors import WrongShare
from portal.core.sealing.opening_key import KEY

_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
Share = bytes | bytearray


def new_share(randomness: Randomness = os.urandom) -> bytearray:
    """A share to print: 32 random bytes. The caller wipes it."""
    return bytearray(randomness(KEY))


def public_half(share: Share) -> bytes:
    """What the portal keeps of a printed share: 32 bytes, from which nobody gets the share."""
    return _private(share).public_key().public_bytes_raw()


def _private(share: Share) -> X25519PrivateKey:
    if len(share) != KEY:
        raise WrongShare
    return X25519PrivateKey.from_private_bytes(share)


def kept_for(half: bytes, part: Share, challenge: str, holder: int) -> bytes:
    """The holder's part of the opening key, sealed so that only the printed share gives it back.

    80 bytes.
    """
    return _sealed(half, part, _info(challenge, holder))


def part_of(kept: bytes, share: Share, challenge: str, holder: int) -> bytearray:
    """The holder's part of the opening key, by the printed share. Raises WrongShare."""
    return _unsealed(kept, share, _info(challenge, holder))


def left_for(half: bytes, part: Share, challenge: str, holder: int, reader: int) -> bytes:
    """The holder's part, left for another holder who comes later: only that one's printed share,
    whose public half is given, opens it. 80 bytes.
    """
    return _sealed(half, part, _left_info(challenge, holder, reader))


def part_left(left: bytes, share: Share, challenge: str, holder: int, reader: int) -> bytearray:
    """What `holder` left for `reader`, by the share of `reader`. Raises WrongShare."""
    return _unsealed(left, share, _left_info(challenge, holder, reader))


def _sealed(half: bytes, part: Share, info: bytes) -> bytes:
    return _HPKE.encrypt(part, X25519PublicKey.from_public_bytes(half), info=info)


def _unsealed(kept: bytes, share: Share, info: bytes) -> bytearray:
    try:
        return bytearray(_HPKE.decrypt(kept, _private(share), info=info))
    except (InvalidTag, ValueError):
        raise WrongShare from None


def _info(challenge: str, holder: int) -> bytes:
    return canonical(["custody-v1", challenge, holder])


def _left_info(challenge: str, holder: int, reader: int) -> bytes:
    return canonical(["left-v1", challenge, holder, reader])
