"""A share as people print and type it: 13 groups of five signs, each with a check sign of its own.

The signs are Crockford's base 32, which has no I, L, O, U, so that O and 0, I, L and 1 cannot be taken
for each other. Four signs of a group are data; the fifth finds every single mistake, every exchange of
neighbours and every exchange of groups, so that the page can say where to look.
"""

import hashlib
import unicodedata

from portal.core.sealing.errors import Mistyped

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIKE = str.maketrans("OIL", "011")
GROUPS, DATA = 13, 4
BYTES = 32
SPARE_BITS = GROUPS * DATA * 5 - BYTES * 8
"""13 * 4 * 5 bits are four more than a share has; they check the whole."""
_FIELD = 0b100101
"""x^5 + x^2 + 1, for arithmetic in the field of 32 elements."""


def printed(secret: bytes | bytearray) -> str:
    """A share of 32 bytes in 13 groups with hyphens between."""
    number = int.from_bytes(secret) << SPARE_BITS | _spare(secret)
    digits = [number >> shift & 31 for shift in range((GROUPS * DATA - 1) * 5, -1, -5)]
    groups = [digits[place : place + DATA] for place in range(0, len(digits), DATA)]
    return "-".join(
        "".join(ALPHABET[digit] for digit in [*group, _check(place, group)])
        for place, group in enumerate(groups)
    )


def typed(text: str) -> bytearray:
    """The share that somebody typed. Raises Mistyped, with the groups that are wrong."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(ALIKE)
    signs = [sign for sign in plain if sign.isalnum()]
    size = DATA + 1
    if len(signs) != GROUPS * size:
        raise Mistyped(detail=f"{len(signs)} signs instead of {GROUPS * size}")
    groups = [signs[place : place + size] for place in range(0, len(signs), size)]
    wrong = tuple(place + 1 for place, group in enumerate(groups) if not _is_right(place, group))
    if wrong:
        raise Mistyped(wrong)
    number = 0
    for group in groups:
        for sign in group[:DATA]:
            number = number << 5 | ALPHABET.index(sign)
    secret = bytearray((number >> SPARE_BITS).to_bytes(BYTES))
    if _spare(secret) != number & (1 << SPARE_BITS) - 1:
        raise Mistyped
    return secret


def _spare(secret: bytes | bytearray) -> int:
    return hashlib.sha256(b"share-v1" + secret).digest()[0] >> 8 - SPARE_BITS


def _is_right(place: int, group: list[str]) -> bool:
    digits = [ALPHABET.find(sign) for sign in group]
    return min(digits) >= 0 and digits[DATA] == _check(place, digits[:DATA])


def _check(place: int, group: list[int]) -> int:
    """The group's digits as a polynomial at x, and the group's number, from 1."""
    value = 0
    for digit in reversed(group):
        value = _times_x(value ^ digit)
    return value ^ (place + 1)


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value & 32 else value
