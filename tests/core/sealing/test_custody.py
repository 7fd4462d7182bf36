"""A printed share gives its part back; what is kept of it does not, nor does another share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.sealing import custody
from portal.core.sealing.errors import WrongShare
from portal.core.sealing.shares import printed, typed

secrets = st.binary(min_size=32, max_size=32)


@given(secrets, secrets, st.integers(1, 3))
def test_the_printed_share_alone_gives_the_part_back(
    share: bytes, part: bytes, holder: int
) -> None:
    half = custody.public_half(share)
    kept = custody.kept_for(half, part, "C-1", holder)
    assert len(half) == 32
    assert len(kept) == 80
    assert part not in kept
    assert custody.part_of(kept, typed(printed(share)), "C-1", holder) == part


@given(st.integers(0, 79), st.integers(0, 7))
def test_a_changed_bit_does_not_open(place: int, bit: int) -> None:
    share = custody.new_share()
    kept = bytearray(custody.kept_for(custody.public_half(share), bytes(32), "C-1", 1))
    kept[place] ^= 1 << bit
    with pytest.raises(WrongShare):
        custody.part_of(bytes(kept), share, "C-1", 1)


@pytest.mark.parametrize(("challenge", "holder"), [("C-2", 1), ("C-1", 2)])
def test_a_part_is_of_one_challenge_and_one_holder(challenge: str, holder: int) -> None:
    share = custody.new_share()
    kept = custody.kept_for(custody.public_half(share), bytes(32), "C-1", 1)
    with pytest.raises(WrongShare):
        custody.part_of(kept, share, challenge, holder)


@pytest.mark.parametrize("share", [b"", bytes(31), bytes(33)])
def test_what_is_no_share_is_refused(share: bytes) -> None:
    with pytest.raises(WrongShare):
        custody.public_half(share)


def test_the_public_half_opens_nothing() -> None:
    share = custody.new_share()
    half = custody.public_half(share)
    kept = custody.kept_for(half, bytes(32), "C-1", 1)
    with pytest.raises(WrongShare):
        custody.part_of(kept, half, "C-1", 1)
