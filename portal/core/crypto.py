"""Canonical bytes (RFC 8785) and digests: the one way that the portal hashes what people may check."""

import hashlib
import math
from collections.abc import Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from uuid import UUID

LARGEST_WHOLE = 2**53 - 1
"""Beyond this a JSON number is not the same for every reader (RFC 7493); write a string instead."""
PLAIN_DIGITS = 21
"""ECMAScript writes numbers of at most so many digits before the point without an exponent."""
PLAIN_ZEROS = -6
"""... and those with no more than five zeros behind the point."""


def canonical(value: object) -> bytes:
    """The JSON of RFC 8785, UTF-8: keys by UTF-16, no spaces, numbers as ECMAScript writes them.

    Decimals and ids become strings. Raises TypeError for what is no JSON, ValueError for what has no
    one form: NaN and infinities, whole numbers beyond 2^53 - 1, half of a surrogate pair.
    """
    try:
        return "".join(_written(value)).encode()
    except UnicodeEncodeError:
        raise ValueError("not canonical: half of a surrogate pair") from None


def _written(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield encode_basestring(value)
    elif isinstance(value, dict):
        yield from _object(value)
    elif isinstance(value, list | tuple):
        yield "["
        for place, item in enumerate(value):
            if place:
                yield ","
            yield from _written(item)
        yield "]"
    else:
        yield _scalar(value)


def _object(value: dict[object, object]) -> Iterator[str]:
    yield "{"
    for place, (_, key, inner) in enumerate(sorted(map(_by_utf16, value.items()))):
        yield f",{key}:" if place else f"{key}:"
        yield from _written(inner)
    yield "}"


def _by_utf16(item: tuple[object, object]) -> tuple[bytes, str, object]:
    """Code units, not code points: an emoji comes before the private use area."""
    key, inner = item
    if not isinstance(key, str):
        raise TypeError(f"not canonical: a key that is {type(key).__name__}")
    return key.encode("utf-16-be"), encode_basestring(key), inner


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > LARGEST_WHOLE:
            raise ValueError("not canonical: a whole number beyond 2^53 - 1")
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Decimal | UUID):
        return encode_basestring(str(value))
    raise TypeError(f"not canonical: {type(value).__name__}")


def _number(value: float) -> str:
    """ECMAScript's Number::toString; Python's repr has the same shortest digits."""
    if not math.isfinite(value):
        raise ValueError("not canonical: not a finite number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    _, digits, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    return sign + _placed(text, point)


def _placed(digits: str, point: int) -> str:
    """Digits with the point after `point` of them, or with an exponent."""
    if len(digits) <= point <= PLAIN_DIGITS:
        return digits + "0" * (point - len(digits))
    if 0 < point <= PLAIN_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if PLAIN_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def leaf(data: bytes) -> bytes:
    """The RFC 6962 leaf hash: SHA-256 of a zero byte and the data, 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()
