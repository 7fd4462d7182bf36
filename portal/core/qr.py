"""A QR code (ISO/IEC 18004) of a short text: byte mode, level M, versions 1 to 13.

For what is printed and scanned again, as the address on a receipt; no library of ours draws them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product, zip_longest


@dataclass(frozen=True)
class _Form:
    """A version at level M: check bytes of a block, blocks by their data bytes, alignment centres."""

    check: int
    blocks: tuple[int, ...]
    centres: tuple[int, ...]


_FORMS = (
    _Form(10, (16,), ()),
    _Form(16, (28,), (6, 18)),
    _Form(26, (44,), (6, 22)),
    _Form(18, (32,) * 2, (6, 26)),
    _Form(24, (43,) * 2, (6, 30)),
    _Form(16, (27,) * 4, (6, 34)),
    _Form(18, (31,) * 4, (6, 22, 38)),
    _Form(22, (38,) * 2 + (39,) * 2, (6, 24, 42)),
    _Form(22, (36,) * 3 + (37,) * 2, (6, 26, 46)),
    _Form(26, (43,) * 4 + (44,), (6, 28, 50)),
    _Form(30, (50,) + (51,) * 4, (6, 30, 54)),
    _Form(22, (36,) * 6 + (37,) * 2, (6, 32, 58)),
    _Form(22, (37,) * 8 + (38,), (6, 34, 62)),
)
_MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)
_FIELD = 0x11D
Grid = list[list[bool]]


def grid(text: str) -> Grid:
    """The modules, row by row, dark ones true; without the quiet zone of four. Raises ValueError."""
    data = text.encode()
    version = _version(len(data))
    bits = _placed(_interleaved(_padded(data, version), _FORMS[version - 1]))
    fixed, is_fixed = _frame(version)
    order = list(_path(len(fixed), is_fixed))
    drawn = [_drawn(fixed, version, mask, order, bits, is_fixed) for mask in range(len(_MASKS))]
    return min(drawn, key=_penalty)


def path(modules: Grid, quiet: int = 4) -> tuple[int, str]:
    """The width in modules, quiet zone included, and the dark ones as the path of an SVG."""
    runs = []
    for y, row in enumerate(modules):
        start = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                runs.append(f"M{start + quiet} {y + quiet}h{x - start}v1h-{x - start}z")
                start = None
    return len(modules) + 2 * quiet, "".join(runs)


def _version(size: int) -> int:
    for version, form in enumerate(_FORMS, start=1):
        if size + (2 if version < 10 else 3) <= sum(form.blocks):
            return version
    raise ValueError("too long for a QR code")


def _padded(data: bytes, version: int) -> bytes:
    """Mode, length, data, then the filling bytes of the standard."""
    length = 8 if version < 10 else 16
    room = sum(_FORMS[version - 1].blocks)
    bits = f"0100{len(data):0{length}b}" + "".join(f"{byte:08b}" for byte in data)
    bits += "0" * min(4, room * 8 - len(bits))
    bits += "0" * (-len(bits) % 8)
    whole = int(bits, 2).to_bytes(len(bits) // 8)
    return whole + (b"\xec\x11" * room)[: room - len(whole)]


def _interleaved(data: bytes, form: _Form) -> bytes:
    blocks, start = [], 0
    for size in form.blocks:
        blocks.append(data[start : start + size])
        start += size
    checks = [check_bytes(block, form.check) for block in blocks]
    columns = [*zip_longest(*blocks), *zip_longest(*checks)]
    return bytes(byte for column in columns for byte in column if byte is not None)


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        one ^= _FIELD if one & 256 else 0
        other >>= 1
    return product


def check_bytes(block: bytes, count: int) -> bytes:
    """The Reed-Solomon check bytes of a block."""
    generator, root = [1], 1
    for _ in range(count):
        shifted = [*generator, 0]
        for place, factor in enumerate(generator):
            shifted[place + 1] ^= _times(factor, root)
        generator, root = shifted, _times(root, 2)
    rest = [0] * count
    for byte in block:
        factor = byte ^ rest[0]
        rest = [*rest[1:], 0]
        rest = [one ^ _times(factor, two) for one, two in zip(rest, generator[1:], strict=True)]
    return bytes(rest)


def _placed(data: bytes) -> list[bool]:
    return [bool(byte >> shift & 1) for byte in data for shift in range(7, -1, -1)]


def _frame(version: int) -> tuple[Grid, Grid]:
    """What does not depend on the data, and which modules that are."""
    size = 17 + 4 * version
    dark = [[False] * size for _ in range(size)]
    fixed = [[False] * size for _ in range(size)]

    def put(y: int, x: int, value: bool) -> None:
        if 0 <= y < size and 0 <= x < size:
            dark[y][x], fixed[y][x] = value, True

    for place in range(size):
        put(6, place, place % 2 == 0)
        put(place, 6, place % 2 == 0)
    for y, x in ((3, 3), (3, size - 4), (size - 4, 3)):
        _square(put, y, x, 4, (2, 4))
    finders = {(6, 6), (6, size - 7), (size - 7, 6)}
    for y, x in set(product(_FORMS[version - 1].centres, repeat=2)) - finders:
        _square(put, y, x, 2, (1,))
    for place in [*range(6), 7, 8, *range(size - 8, size)]:
        put(8, place, False)  # here stands the format
        put(place, 8, False)
    put(size - 8, 8, True)
    if version >= 7:
        _tell_version(put, version, size)
    return dark, fixed


def _square(
    put: Callable[[int, int, bool], None], y: int, x: int, reach: int, light: tuple[int, ...]
) -> None:
    """Rings around a centre; those at the distances in `light` are light."""
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            put(y + down, x + right, max(abs(down), abs(right)) not in light)


def _tell_version(put: Callable[[int, int, bool], None], version: int, size: int) -> None:
    bits = version << 12 | _remainder(version << 12, 0x1F25)
    for place in range(18):
        value = bool(bits >> place & 1)
        put(place // 3, size - 11 + place % 3, value)
        put(size - 11 + place % 3, place // 3, value)


def _remainder(value: int, divisor: int) -> int:
    while value.bit_length() >= divisor.bit_length():
        value ^= divisor << value.bit_length() - divisor.bit_length()
    return value


def _path(size: int, fixed: Grid) -> Iterator[tuple[int, int]]:
    """Where the data go: two columns at a time, upwards and downwards, from the right."""
    upwards = True
    for right in [*range(size - 1, 6, -2), *range(5, 0, -2)]:
        for y in range(size - 1, -1, -1) if upwards else range(size):
            for x in (right, right - 1):
                if not fixed[y][x]:
                    yield y, x
        upwards = not upwards


def _drawn(
    frame: Grid,
    version: int,
    mask: int,
    order: list[tuple[int, int]],
    bits: list[bool],
    fixed: Grid,
) -> Grid:
    drawn = [list(row) for row in frame]
    padded = [*bits, *[False] * (len(order) - len(bits))]
    for (y, x), bit in zip(order, padded, strict=True):
        drawn[y][x] = bit ^ _MASKS[mask](y, x)
    _tell_format(drawn, mask)
    return drawn


def _tell_format(drawn: Grid, mask: int) -> None:
    """Level M is 00; the bits stand twice, beside the finders."""
    size = len(drawn)
    bits = (mask << 10 | _remainder(mask << 10, 0x537)) ^ 0x5412
    around = [*range(6), 7, 8]
    for place in range(15):
        value = bool(bits >> place & 1)
        if place < 8:
            drawn[around[place]][8] = value
            drawn[8][size - 1 - place] = value
        else:
            drawn[8][around[14 - place]] = value
            drawn[size - 15 + place][8] = value


def _penalty(drawn: Grid) -> int:
    lines = [*drawn, *(list(column) for column in zip(*drawn, strict=True))]
    return sum(map(_of_line, lines)) + _of_blocks(drawn) + _of_balance(drawn)


def _of_line(line: list[bool]) -> int:
    text = "".join("1" if dark else "0" for dark in line)
    found = 0
    for sign in "01":
        runs = [len(run) for run in text.replace("1" if sign == "0" else "0", " ").split()]
        found += sum(run - 2 for run in runs if run >= 5)
    for place in range(len(text) - 10):
        found += 40 * (text[place : place + 11] in ("10111010000", "00001011101"))
    return found


def _of_blocks(drawn: Grid) -> int:
    found = 0
    for above, below in pairwise(drawn):
        for x in range(len(above) - 1):
            found += 3 * (above[x] == above[x + 1] == below[x] == below[x + 1])
    return found


def _of_balance(drawn: Grid) -> int:
    whole = len(drawn) ** 2
    percent = 100 * sum(sum(row) for row in drawn) / whole
    return 10 * int(abs(percent - 50) // 5)
