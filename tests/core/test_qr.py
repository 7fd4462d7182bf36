"""QR codes: the standard's own example, and every version read back by a reader of the tests' own."""

import pytest

from portal.core import qr

EXAMPLE = bytes.fromhex("10200c566180ec11ec11ec11ec11ec11")
CHECKS = bytes.fromhex("a524d4c1ed36c7872c55")
"""The check bytes of "01234567", version 1-M, as ISO/IEC 18004 works them out."""


def test_the_check_bytes_are_those_of_the_standard() -> None:
    assert qr.check_bytes(EXAMPLE, 10) == CHECKS


@pytest.mark.parametrize(
    ("length", "size"), [(1, 21), (14, 21), (15, 25), (106, 41), (213, 57), (331, 69)]
)
def test_what_is_drawn_can_be_read_again(length: int, size: int) -> None:
    text = ("https://example.org/verify?index=12&commit=" + "0123456789abcdef" * 20)[:length]
    modules = qr.grid(text)
    assert len(modules) == size
    assert read(modules) == text


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr.grid("x" * 332)


def test_a_path_has_every_dark_module_and_a_quiet_zone() -> None:
    modules = qr.grid("x")
    width, path = qr.path(modules)
    assert width == len(modules) + 8
    runs = [part.split("v")[0] for part in path.split("M")[1:]]
    assert sum(int(run.split("h")[1]) for run in runs) == sum(map(sum, modules))
    assert min(int(run.split(" ")[0]) for run in runs) == 4


def read(modules: qr.Grid) -> str:
    """Decode without looking for errors: format, mask, codewords, blocks, bytes."""
    size = len(modules)
    version = (size - 17) // 4
    told = [modules[8][size - 1 - place] for place in range(8)]
    told += [modules[size - 15 + place][8] for place in range(8, 15)]
    again = [modules[place if place < 6 else place + 1][8] for place in range(8)]
    assert again == told[:8], "the format stands twice"
    bits = sum(bit << place for place, bit in enumerate(told)) ^ 0b101010000010010
    level, mask = bits >> 13, bits >> 10 & 7
    assert level == 0, "level M"
    free = reserved(version, size)
    stream, up = [], True
    for right in [x for x in range(size - 1, 0, -1) if (x > 6 and x % 2 == 0) or (x < 6 and x % 2)]:
        for y in range(size - 1, -1, -1) if up else range(size):
            stream += [modules[y][x] ^ flips(mask, y, x) for x in (right, right - 1) if free[y][x]]
        up = not up
    codewords = [
        sum(bit << 7 - place for place, bit in enumerate(stream[start : start + 8]))
        for start in range(0, len(stream) - 7, 8)
    ]
    form = qr._FORMS[version - 1]
    blocks: list[list[int]] = [[] for _ in form.blocks]
    rest = iter(codewords)
    for column in range(max(form.blocks)):
        for block, length in zip(blocks, form.blocks, strict=True):
            if column < length:
                block.append(next(rest))
    data = "".join(f"{byte:08b}" for block in blocks for byte in block)
    assert data[:4] == "0100", "bytes"
    counter = 8 if version < 10 else 16
    length = int(data[4 : 4 + counter], 2)
    start = 4 + counter
    return bytes(
        int(data[place : place + 8], 2) for place in range(start, start + 8 * length, 8)
    ).decode()


def reserved(version: int, size: int) -> list[list[bool]]:
    """True where data stand."""
    free = [[True] * size for _ in range(size)]
    marks = [
        (range(9), range(9)),
        (range(9), range(size - 8, size)),
        (range(size - 8, size), range(9)),
    ]
    marks += [(range(size), range(6, 7)), (range(6, 7), range(size))]
    if version >= 7:
        far = range(size - 11, size - 8)
        marks += [(range(6), far), (far, range(6))]
    centres = qr._FORMS[version - 1].centres
    for y in centres:
        for x in centres:
            if (y, x) not in {(6, 6), (6, size - 7), (size - 7, 6)}:
                marks.append((range(y - 2, y + 3), range(x - 2, x + 3)))
    for rows, columns in marks:
        for y in rows:
            for x in columns:
                free[y][x] = False
    return free


def flips(mask: int, y: int, x: int) -> bool:
    return [
        (y + x) % 2,
        y % 2,
        x % 3,
        (y + x) % 3,
        (y // 2 + x // 3) % 2,
        y * x % 2 + y * x % 3,
        (y * x % 2 + y * x % 3) % 2,
        ((y + x) % 2 + y * x % 3) % 2,
    ][mask] == 0
