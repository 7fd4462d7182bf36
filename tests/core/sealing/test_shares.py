"""Shares on paper: whatever is mistyped is found, and in which group."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.sealing.errors import Mistyped
from portal.core.sealing.shares import ALPHABET, GROUPS, printed, typed

SECRETS = st.binary(min_size=32, max_size=32)
SECRET = bytes(range(7, 39))
TEXT = printed(SECRET)


@settings(max_examples=200)
@given(secret=SECRETS)
def test_what_is_printed_can_be_typed(secret: bytes) -> None:
    text = printed(secret)
    groups = text.split("-")
    assert [len(group) for group in groups] == [5] * GROUPS
    assert set(text) <= {*ALPHABET, "-"}
    assert typed(text) == secret


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace("0", "O").replace("1", "I"),
        lambda text: text.replace("0", "o").replace("1", "l"),
        lambda text: text.replace("-", ""),
        lambda text: text.replace("-", " \n"),
        lambda text: text.replace("-", "—"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if c != "-" else c for c in text),  # ＡＢＣ
    ],
)
def test_what_people_do_to_it_is_forgiven(change: Callable[[str], str]) -> None:
    secret = bytes([8, 66] * 16)  # with many 0 and 1 in print
    assert typed(change(printed(secret))) == secret
    assert typed(change(TEXT)) == SECRET


def signs_of(text: str) -> list[str]:
    return list(text.replace("-", ""))


def test_every_single_mistake_is_found_in_its_group() -> None:
    for place, right in enumerate(signs_of(TEXT)):
        for wrong in ALPHABET:
            if wrong != right:
                signs = signs_of(TEXT)
                signs[place] = wrong
                with pytest.raises(Mistyped) as caught:
                    typed("".join(signs))
                assert caught.value.groups == (place // 5 + 1,)


@settings(max_examples=100)
@given(secret=SECRETS, place=st.integers(0, 63))
def test_every_exchange_of_neighbours_is_found(secret: bytes, place: int) -> None:
    signs = signs_of(printed(secret))
    if signs[place] == signs[place + 1]:
        return
    signs[place], signs[place + 1] = signs[place + 1], signs[place]
    with pytest.raises(Mistyped) as caught:
        typed("".join(signs))
    assert set(caught.value.groups) <= {place // 5 + 1, (place + 1) // 5 + 1}
    if place % 5 < 4:
        assert caught.value.groups == (place // 5 + 1,)


@settings(max_examples=100)
@given(secret=SECRETS, first=st.integers(0, 12), second=st.integers(0, 12))
def test_every_exchange_of_groups_is_found(secret: bytes, first: int, second: int) -> None:
    groups = printed(secret).split("-")
    if first == second:
        return
    groups[first], groups[second] = groups[second], groups[first]
    with pytest.raises(Mistyped) as caught:
        typed("-".join(groups))
    assert caught.value.groups == tuple(sorted((first + 1, second + 1)))


@pytest.mark.parametrize("text", ["", TEXT[:-1], TEXT + "A", TEXT[6:]])
def test_another_length_is_told(text: str) -> None:
    with pytest.raises(Mistyped) as caught:
        typed(text)
    assert caught.value.groups == ()
    assert caught.value.detail.endswith("instead of 65")


def test_signs_that_are_not_printed_are_refused() -> None:
    with pytest.raises(Mistyped) as caught:
        typed("U" + TEXT[1:])
    assert caught.value.groups == (1,)
    with pytest.raises(Mistyped):
        typed("价" * 65)


def test_the_whole_has_a_check_of_its_own() -> None:
    """Groups that are right by themselves do not make a share: four bits see fifteen of sixteen."""
    others = [printed(bytes([n]) * 32) for n in range(64)]
    groups = [found_in(TEXT[:6] + other[6:]) for other in others]
    assert groups.count(()) > 50
    assert set(groups) <= {(), None}


def found_in(text: str) -> tuple[int, ...] | None:
    try:
        typed(text)
    except Mistyped as error:
        return error.groups
    return None
