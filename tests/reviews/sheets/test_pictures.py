"""Pages of a document as pictures: what is seen, and nothing that the file says about itself."""

import struct
import zlib

import pypdfium2
import pytest

from portal.core.errors import NotFound
from portal.reviews.sheets.drawing import TALLEST, WIDTH, fitted, picture, sizes
from portal.reviews.sheets.pictures import Shelf, page_picture, page_sizes
from tests.factories.likeness import make_pdf


def lines_of(drawn: bytes) -> tuple[int, int, bytes]:
    """Width, height and unpacked lines of a PNG with one part of data."""
    width, height = struct.unpack(">II", drawn[16:24])
    start = drawn.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", drawn[start - 8 : start - 4])
    return width, height, zlib.decompress(drawn[start : start + length])


def test_a_page_is_drawn_with_what_is_on_it() -> None:
    data = make_pdf(["Starsea", ""])
    width, height, seen = lines_of(picture(data, 0))
    assert (width, height) == (WIDTH, WIDTH)
    assert len(seen) == height * (1 + 3 * width)
    assert min(seen[1:]) == 0, "the words are black on the page"
    blank = lines_of(picture(data, 1))[2]
    assert set(blank) == {0, 255}, "a filter byte before each white line"
    assert sizes(data) == [(WIDTH, WIDTH)] * 2
    with pytest.raises(IndexError):
        picture(data, 2)


@pytest.mark.parametrize(
    ("page", "drawn"),
    [((595, 842), (1240, 1754)), ((100, 10_000), (49, TALLEST)), ((0, 0), (1, 1))],
)
def test_a_page_of_any_shape_fits(page: tuple[int, int], drawn: tuple[int, int]) -> None:
    assert fitted(*page) == drawn


def test_what_the_file_says_about_itself_stays_behind() -> None:
    data = make_pdf(["page"])
    marked = data.replace(b"%PDF-1.7", b"%PDF-1.7\n% Author Starsea XMP", 1)
    assert b"Starsea" in marked
    assert b"Starsea" not in picture(marked, 0)
    kinds = [picture(data, 0)[12:16], picture(data, 0)[-8:-4]]
    assert kinds == [b"IHDR", b"IEND"]


def test_pages_are_drawn_apart_and_what_breaks_is_not_there() -> None:
    data = make_pdf(["apart"])
    asked: list[int] = []

    def read() -> bytes:
        asked.append(1)
        return data

    assert page_sizes("apart", read) == [(WIDTH, WIDTH)]
    for _ in range(2):
        assert page_picture("apart", 1, read) == picture(data, 0)
    assert len(asked) == 2, "the second time it lies on the shelf"
    for digest, number, content in (
        ("apart", 2, data),
        ("apart", 0, data),
        ("broken", 1, b"%PDF-"),
    ):
        with pytest.raises(NotFound):
            page_picture(digest, number, lambda content=content: content)
    assert page_sizes("broken", lambda: b"%PDF-") == []
    assert pypdfium2.PdfDocument(data), "the file is one"


def test_the_shelf_keeps_what_was_used_last() -> None:
    shelf = Shelf(room=5)
    for name in ("a", "b"):
        shelf.put((name, ""), b"12")
    assert shelf.take(("a", "")) == b"12"
    shelf.put(("c", ""), b"12")
    assert [bool(shelf.take((name, ""))) for name in ("a", "b", "c")] == [True, False, True]
    shelf.put(("c", ""), b"123456")
    assert shelf.take(("c", "")) is None
