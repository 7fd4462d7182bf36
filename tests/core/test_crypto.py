"""Digests that anybody can compute again."""

import hashlib
import json
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.crypto import canonical, leaf, sha256

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdefgh", max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def reordered(value: object) -> object:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(list(value))}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=100)
@given(value=PLAIN)
def test_the_bytes_do_not_depend_on_the_order_of_keys(value: object) -> None:
    assert canonical(reordered(value)) == canonical(value)
    assert json.loads(canonical(value)) == value


def test_the_bytes_are_those_of_the_standard_for_what_the_portal_writes() -> None:
    key = UUID(int=1)
    value = {"β": "榜题\n", "a": [1, True, None], "m": Decimal("1.50"), "id": key}
    expected = '{"a":[1,true,null],"id":"' + str(key) + '","m":"1.50","β":"榜题\\n"}'
    assert canonical(value) == expected.encode()


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="not canonical"):
        canonical(value)


def test_digests_are_the_known_ones() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256(b"") == empty
    # RFC 6962: the hash of an empty leaf is that of a single zero byte.
    assert leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf(b"x") == hashlib.sha256(b"\0x").digest()
