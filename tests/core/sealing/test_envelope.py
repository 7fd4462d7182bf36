"""Sealed bytes: they open whole, in their place, with their key, or not at all."""

import os
from collections.abc import Callable
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.core.sealing import errors
from portal.core.sealing.envelope import NONCE, TAG, WRAPPED, Fingerprint, Place, seal, unseal
from tests.core.sealing.bids import KEY, PUBLIC, fingerprint, head_size, pieces

PLACE = Place.of_bid("C-1", "B-1", 2)
CHUNK = 100
TEXT = bytes(range(250))


def sealed(data: bytes = TEXT, place: Place = PLACE, chunk: int = CHUNK) -> bytes:
    return b"".join(seal(pieces(data, 33), place, PUBLIC, chunk))


def opened(
    data: bytes,
    place: Place = PLACE,
    key: X25519PrivateKey = KEY,
    expected: Fingerprint | None = None,
) -> bytes:
    return b"".join(unseal(BytesIO(data), place, key, expected))


@settings(max_examples=60, deadline=None)
@given(size=st.integers(0, 450), step=st.integers(1, 200))
@example(size=0, step=1)
@example(size=CHUNK, step=CHUNK)
@example(size=2 * CHUNK, step=7)
def test_what_was_sealed_is_opened(size: int, step: int) -> None:
    text = os.urandom(size)
    data = b"".join(seal(pieces(text, step), PLACE, PUBLIC, CHUNK))
    assert opened(data, expected=fingerprint(data)) == text
    chunks = max(1, -(-size // CHUNK))
    assert len(data) == head_size(data) + WRAPPED + NONCE + size + chunks * TAG


def test_nothing_of_it_can_be_read_and_nothing_repeats() -> None:
    first, second = sealed(b"price 1200000.00" * 9), sealed(b"price 1200000.00" * 9)
    after = head_size(first)
    assert first[:after] == second[:after]
    assert first[after:] != second[after:]
    assert b"price" not in first


def body(data: bytes) -> int:
    return head_size(data) + WRAPPED + NONCE


def test_every_flipped_byte_is_found() -> None:
    data = sealed()
    known = (errors.Altered, errors.NotAnEnvelope, errors.UnknownSuite)
    refusals = set()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises((*known, errors.Misplaced, errors.WrongKey)) as caught:
            opened(bytes(changed))
        refusals.add(type(caught.value))
        if place >= head_size(data):
            assert type(caught.value) is errors.Altered
    assert refusals >= set(known)


def test_every_cut_is_found() -> None:
    data = sealed()
    for size in range(len(data)):
        cut = data[:size]
        with pytest.raises((errors.Truncated, errors.NotAnEnvelope)) as caught:
            opened(cut, expected=fingerprint(data))
        if size >= head_size(data):
            assert type(caught.value) is errors.Truncated


@pytest.mark.parametrize("chunks", [1, 2])
def test_a_missing_end_is_told_without_knowing_the_size(chunks: int) -> None:
    data = sealed()
    with pytest.raises(errors.Truncated):
        opened(data[: body(data) + chunks * (CHUNK + TAG)])


@pytest.mark.parametrize("more", [b"\0", b"x" * 200])
def test_something_added_is_told(more: bytes) -> None:
    data = sealed()
    with pytest.raises(errors.Overlong):
        opened(data + more, expected=fingerprint(data))
    whole = sealed(TEXT[:200])  # of whole chunks, so that what is added is a chunk of its own
    with pytest.raises(errors.Overlong):
        opened(whole + more)


def exchanged(data: bytes) -> bytes:
    start, size = body(data), CHUNK + TAG
    first, second = data[start : start + size], data[start + size : start + 2 * size]
    return data[:start] + second + first + data[start + 2 * size :]


def dropped(data: bytes) -> bytes:
    start = body(data)
    return data[:start] + data[start + CHUNK + TAG :]


def repeated(data: bytes) -> bytes:
    start, end = body(data), body(data) + CHUNK + TAG
    return data[:end] + data[start:end] + data[end:]


@pytest.mark.parametrize("change", [exchanged, dropped, repeated])
def test_chunks_keep_their_order(change: Callable[[bytes], bytes]) -> None:
    data = sealed()
    with pytest.raises(errors.Altered):
        opened(change(data))


def test_chunks_of_two_envelopes_do_not_mix() -> None:
    first, second = sealed(), sealed()
    start = body(first)
    with pytest.raises(errors.Altered):
        opened(first[:start] + second[start:])
    with pytest.raises(errors.Altered):
        opened(second[: start - NONCE] + first[start - NONCE :])


OTHERS = [
    Place.of_bid("C-1", "B-1", 1),
    Place.of_bid("C-1", "B-1", 3),
    Place.of_bid("C-1", "B-2", 2),
    Place.of_bid("C-2", "B-1", 2),
    Place.of_part("C-1", "B-1", "2"),
    Place.of_canary("C-1"),
]


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_bytes_open_in_their_own_place_only(other: Place) -> None:
    data = sealed(place=other)
    with pytest.raises(errors.Misplaced):
        opened(data)
    assert opened(data, other) == TEXT


def test_a_forged_head_does_not_help() -> None:
    old = sealed(place=Place.of_bid("C-1", "B-1", 1))
    forged = old.replace(b'["bid-v1","C-1","B-1",1]', b'["bid-v1","C-1","B-1",2]')
    assert forged != old
    with pytest.raises(errors.Altered):
        opened(forged)


def test_another_key_is_refused() -> None:
    other = X25519PrivateKey.generate()
    data = sealed()
    with pytest.raises(errors.WrongKey):
        opened(data, key=other)
    here, there = (
        fingerprint(key.public_key().public_bytes_raw()).sha256.encode() for key in (KEY, other)
    )
    with pytest.raises(errors.Altered):
        opened(data.replace(here, there), key=other)


def test_bytes_that_somebody_else_sealed_are_not_those_of_the_receipt() -> None:
    original, forged = sealed(), sealed(b"another bid")
    assert opened(forged) == b"another bid"
    with pytest.raises(errors.Substituted):
        opened(forged, expected=fingerprint(original))


@pytest.mark.parametrize(
    "head",
    [b"", b"x", b"{}", b"[]", b"null", b'{"chunk":0,"key":"","place":[]}', b"[" * 4000, b"\xff"],
)
def test_a_strange_head_is_no_envelope(head: bytes) -> None:
    data = b"JBSEAL\0\1" + b"\0\1" + len(head).to_bytes(2) + head
    with pytest.raises(errors.NotAnEnvelope):
        opened(data + bytes(200))


def test_an_unknown_way_of_sealing_is_told() -> None:
    data = bytearray(sealed())
    data[8:10] = b"\0\2"
    with pytest.raises(errors.UnknownSuite):
        opened(bytes(data))


def test_a_public_key_that_gives_everybody_the_same_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="shared key"):
        b"".join(seal([b"x"], PLACE, bytes(32)))
