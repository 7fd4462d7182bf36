"""Canonical JSON against the vectors of RFC 8785."""

import json
import math
import struct
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.crypto import LARGEST_WHOLE, canonical

NUMBERS = {  # RFC 8785, appendix B
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_are_written_as_the_standard_says(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(value) == text.encode()


def test_keys_are_in_the_order_of_utf_16() -> None:
    keys = ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]  # RFC 8785, 3.2.3
    found = canonical(dict.fromkeys(reversed(keys), 0))
    assert list(json.loads(found)) == keys


def test_strings_are_written_as_the_standard_says() -> None:
    value = {  # RFC 8785, 3.2.2
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\x0f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(value) == expected.encode()


@settings(max_examples=300)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_same_for_whoever_reads_it(value: float) -> None:
    text = canonical(value)
    assert float(text) == value
    assert canonical(float(text)) == text


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, LARGEST_WHOLE + 1, -LARGEST_WHOLE - 1, "\ud800"]
)
def test_what_no_reader_could_agree_on_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not canonical"):
        canonical(value)
    with pytest.raises(ValueError, match="not canonical"):
        canonical({"deep": [value]})


@pytest.mark.parametrize("value", [{1: "a"}, {None: "a"}, {"a": {Decimal(1): 2}}])
def test_keys_that_are_no_text_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="not canonical: a key"):
        canonical(value)
