"""Two custodians who come one after the other: what the first leaves waits for the second.

It is the first one's part of the key, sealed to the public halves of the two others. So nothing that
waits opens anything by itself: whoever takes it needs a second printed share, as at the opening.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.challenges.keys.models import OpeningKey
from portal.challenges.keys.service import opened_by_parts
from portal.core.sealing import custody
from portal.core.sealing.errors import WrongShare
from portal.core.sealing.wiping import wipe

Left = Mapping[str, str]
"""What was left for each of the others, in hexadecimal, by the number of the holder who may read it."""


def leave(key: OpeningKey, holder: int, secret: custody.Share) -> dict[str, str]:
    """What the first custodian leaves for the others, by their printed share. Raises WrongShare."""
    part, challenge = _part(key, holder, secret), str(key.challenge_id)
    others = {one: share.public_half for one, share in key.by_holder.items() if one != holder}
    left = {
        str(reader): custody.left_for(half, part, challenge, holder, reader).hex()
        for reader, half in others.items()
        if half is not None
    }
    wipe(part)
    return left


@contextmanager
def met(
    key: OpeningKey, first: int, left: Left, holder: int, secret: custody.Share
) -> Iterator[X25519PrivateKey]:
    """The private key for a block, from what the first left and the second one's printed share.

    Raises WrongShare.
    """
    if str(holder) not in left:
        raise WrongShare
    sealed, challenge = bytes.fromhex(left[str(holder)]), str(key.challenge_id)
    parts = {
        first: custody.part_left(sealed, secret, challenge, first, holder),
        holder: _part(key, holder, secret),
    }
    with opened_by_parts(key, parts) as private:
        yield private


def _part(key: OpeningKey, holder: int, secret: custody.Share) -> bytearray:
    kept = key.by_holder[holder].kept
    if kept is None:
        raise WrongShare
    return custody.part_of(kept, secret, str(key.challenge_id), holder)
