"""Every page of the portal: light, in its place, and in words that people use."""

import gzip
import re
from collections.abc import Iterator

import pytest
from lxml import html

from tests.site.matrix.world import Matrix, Page

pytestmark = pytest.mark.xdist_group("matrix")
HOMES = {"/", "/desk"}
HEAVIEST = 60_000
"""Bytes of a page as it travels."""
CODES = {
    "a name of the code": re.compile(r"\b[a-z]+_[a-z_]+\b|\b[A-Z]{2,}_[A-Z_]+\b"),
    "a value that is missing": re.compile(r"(?<![\w“])(None|null|undefined|NaN)(?![\w”])"),
    "a time for machines": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.+]"),
    "an object": re.compile(r"Decimal\(|UUID\(|<[\w.]+ (?:object|at 0x)|\bEnum\b|datetime\."),
    "a message without its values": re.compile(r"%\(\w+\)|\{\w+\}"),
    "words of the other language": re.compile(r"(?:[A-Za-z]+ ){3,}[A-Za-z]{2,}"),
    "an identifier": re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-"),
}
FOR_PROGRAMS = "//script | //style | //code | //pre | //template | //body//*[@lang='en']"
READ = "//body//text() | //body//@title | //body//@alt | //body//@aria-label | //head/title/text()"


def words_of(page: str) -> str:
    """What a person reads or is read aloud."""
    tree = html.fromstring(page)
    for one in tree.xpath(FOR_PROGRAMS):
        one.drop_tree()
    return "\n".join(" ".join(str(text).split()) for text in tree.xpath(READ))


def codes_in(page: str) -> Iterator[str]:
    """What in a page is meant for programs, with what stands around it."""
    words = words_of(page)
    for what, pattern in CODES.items():
        for found in pattern.finditer(words):
            yield f"{what}: {words[max(0, found.start() - 30) : found.end() + 10]!r}"


def pages(matrix: Matrix) -> list[Page]:
    """Each page once, as the first who was shown it saw it."""
    assert matrix.misled == []
    known = {
        one.path: one
        for one in matrix.pages
        if one.text.lstrip().startswith("<!")
        and not one.path.endswith("/html")  # a mail as it is sent
    }
    assert len(known) > 100
    return list(known.values())


def test_no_page_speaks_in_codes(matrix: Matrix) -> None:
    found = [f"{one.path}: {code}" for one in pages(matrix) for code in codes_in(one.text)]
    assert found == [], "\n".join(found)


def test_every_page_but_homes_says_where_one_is(matrix: Matrix) -> None:
    lost = [
        one.path
        for one in pages(matrix)
        if (one.path not in HOMES) != ('class="breadcrumbs"' in one.text)
    ]
    assert lost == []


def test_every_page_is_light(matrix: Matrix) -> None:
    sizes = {one.path: len(gzip.compress(one.text.encode(), 6)) for one in pages(matrix)}
    assert {path: size for path, size in sizes.items() if size > HEAVIEST} == {}


@pytest.mark.parametrize(
    "text",
    [
        "ACCEPTED_LATE",
        "bidder_lead",
        "None",
        "2026-11-30T10:00:00+00:00",
        "Decimal('1')",
        "%(n)s",
        "Please choose a file.",
    ],
)
def test_what_is_for_programs_is_found(text: str) -> None:
    assert list(codes_in(f"<html><body><p>state: {text}</p></body></html>"))
