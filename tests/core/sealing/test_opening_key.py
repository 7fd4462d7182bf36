"""Any two of three shares open; one, a wrong one, or the same one twice does not."""

from dataclasses import replace
from io import BytesIO
from itertools import combinations, permutations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.core.sealing import errors
from portal.core.sealing.envelope import Place, seal, unseal
from portal.core.sealing.opening_key import (
    HOLDERS,
    OpeningKey,
    Shares,
    new_opening_key,
    opened,
    prove,
    try_key,
)
from portal.core.sealing.shares import printed, typed
from portal.core.sealing.wiping import wipe

KEY, SHARES = new_opening_key("C-1")
OTHER, OTHER_SHARES = new_opening_key("C-1")


def test_what_is_stored_has_the_sizes_that_are_documented() -> None:
    assert len(KEY.public_key) == 32
    assert set(KEY.wraps) == set(combinations(HOLDERS, 2))
    assert {len(wrap) for wrap in KEY.wraps.values()} == {60}
    assert {len(canary) for canary in KEY.canaries.values()} == {60}
    assert {len(share) for share in SHARES.values()} == {32}
    assert len({bytes(share) for share in SHARES.values()}) == 3
    stored = repr(KEY)
    assert not any(repr(bytes(share))[2:-1] in stored for share in SHARES.values())


@pytest.mark.parametrize("pair", list(permutations(HOLDERS, 2)), ids=str)
def test_any_two_open_what_was_sealed(pair: tuple[int, int]) -> None:
    place = Place.of_bid("C-1", "B-1", 1)
    data = b"".join(seal([b"bid"], place, KEY.public_key))
    with opened(KEY, {holder: typed(printed(SHARES[holder])) for holder in pair}) as private:
        try_key(KEY, private)
        assert b"".join(unseal(BytesIO(data), place, private)) == b"bid"


def refused(key: OpeningKey, shares: Shares) -> type[Exception]:
    with pytest.raises(errors.SealingError) as caught, opened(key, shares):
        pass
    return type(caught.value)


@pytest.mark.parametrize("holder", HOLDERS)
def test_one_share_opens_nothing(holder: int) -> None:
    assert refused(KEY, {holder: SHARES[holder]}) is errors.TooFewShares
    assert refused(KEY, {}) is errors.TooFewShares


def test_the_same_share_twice_is_refused() -> None:
    for holder, other in permutations(HOLDERS, 2):
        assert refused(KEY, {holder: SHARES[holder], other: SHARES[holder]}) is errors.SameShare


def test_wrong_shares_are_refused() -> None:
    right = SHARES[1]
    flipped = bytearray(SHARES[2])
    flipped[31] ^= 1
    for wrong in (flipped, OTHER_SHARES[2], SHARES[3], bytes(32), b"", right[:31], bytes(33)):
        assert refused(KEY, {1: right, 2: wrong}) is errors.WrongShare
    assert refused(KEY, {2: SHARES[1], 1: SHARES[2]}) is errors.WrongShare
    assert refused(KEY, {1: right, 4: SHARES[2]}) is errors.WrongShare
    assert refused(replace(KEY, challenge="C-2"), {1: right, 2: SHARES[2]}) is errors.WrongShare


def test_stored_parts_that_were_exchanged_do_not_open() -> None:
    shares = {1: SHARES[1], 2: SHARES[2]}
    wraps = {**KEY.wraps, (1, 2): KEY.wraps[1, 3]}
    assert refused(replace(KEY, wraps=wraps), shares) is errors.WrongShare
    assert refused(replace(KEY, wraps={**wraps, (1, 2): b""}), shares) is errors.WrongShare
    assert refused(replace(KEY, public_key=OTHER.public_key), shares) is errors.WrongShare
    assert refused(replace(OTHER, public_key=KEY.public_key), shares) is errors.WrongShare


@pytest.mark.parametrize("holder", HOLDERS)
def test_each_holder_proves_the_own_share_alone(holder: int) -> None:
    prove(KEY, holder, typed(printed(SHARES[holder])))
    wrong: list[bytes | bytearray] = [SHARES[holder % 3 + 1], OTHER_SHARES[holder], bytes(32), b""]
    for share in wrong:
        with pytest.raises(errors.WrongShare):
            prove(KEY, holder, share)
    with pytest.raises(errors.WrongShare):
        prove(KEY, 4, SHARES[holder])
    with pytest.raises(errors.WrongShare):
        prove(replace(KEY, public_key=OTHER.public_key), holder, SHARES[holder])


def test_the_canary_shows_a_key_that_does_not_open() -> None:
    private = X25519PrivateKey.generate()
    with pytest.raises(errors.WrongShare):
        try_key(KEY, private)
    place = Place.of_canary("C-1")
    dead = b"".join(seal([b"another bird"], place, KEY.public_key))
    shares = {1: SHARES[1], 3: SHARES[3]}
    with opened(KEY, shares) as right, pytest.raises(errors.WrongShare):
        try_key(replace(KEY, envelope=dead), right)


def test_a_wiped_share_is_gone() -> None:
    share = bytearray(SHARES[1])
    wipe(share)
    assert share == bytes(32)


def test_the_key_is_as_random_as_its_source() -> None:
    calls: list[int] = []

    def counted(size: int) -> bytes:
        calls.append(size)
        return bytes([len(calls)]) * size

    made, shares = new_opening_key("C-1", counted)
    assert calls == [32] * 4 + [12] * 6
    assert bytes(shares[1]) == bytes([2]) * 32
    private = X25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    assert made.public_key == private.public_key().public_bytes_raw()
