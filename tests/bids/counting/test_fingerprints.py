"""One hash of many fingerprints, against a definition written again."""

import hashlib
from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from portal.bids.counting.fingerprints import root_of

fingerprints = st.lists(st.binary(min_size=32, max_size=32), max_size=40)


def plain(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + plain(leaves[:split]) + plain(leaves[split:])).digest()


@given(fingerprints)
def test_the_root_is_that_of_the_sorted_fingerprints(found: list[bytes]) -> None:
    assert root_of(one.hex() for one in found) == plain(sorted(found)).hex()


@given(fingerprints, st.randoms())
def test_their_order_does_not_matter(found: list[bytes], chance: Random) -> None:
    names = [one.hex() for one in found]
    mixed = names[:]
    chance.shuffle(mixed)
    assert root_of(mixed) == root_of(names)


@given(fingerprints.filter(bool), st.binary(min_size=32, max_size=32))
def test_one_more_one_less_or_another_gives_another_root(found: list[bytes], new: bytes) -> None:
    names = [one.hex() for one in found]
    others = [[*names, new.hex()], names[1:], [new.hex(), *names[1:]]]
    assert all(root_of(one) != root_of(names) for one in others if sorted(one) != sorted(names))
