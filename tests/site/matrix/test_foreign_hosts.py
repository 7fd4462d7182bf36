"""No page and no asset makes a browser ask another host, and all that is installed is pinned by hash."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from lxml import html

from portal.config import ROOT
from tests.site.matrix.world import Matrix

pytestmark = pytest.mark.xdist_group("matrix")
LOADED = (
    "//script/@src | //img/@src | //img/@srcset | //link/@href | //iframe/@src | //source/@src"
    " | //source/@srcset | //video/@src | //audio/@src | //object/@data | //embed/@src"
    " | //input/@src | //form/@action | //*[local-name()='use']/@href | //@formaction | //@hx-get"
    " | //@hx-post | //base/@href | //@ping"
)
IN_CSS = re.compile(r"""url\(\s*["']?([^"')]*)|@import\s+["']([^"']*)""")
IN_SCRIPT = re.compile(r"""["'`](?:https?:)?//([\w.-]+)""")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
NAMES = {"www.w3.org", "localhost"}
"""A namespace's name is never fetched; the portal itself."""


def is_foreign(address: str) -> bool:
    """Whether a browser would ask another host for it."""
    parts = urlsplit(address.strip())
    return parts.scheme != "data" and parts.netloc not in ("", *NAMES)


def loaded(page: str) -> Iterator[str]:
    """Every address that a browser asks for by itself, or sends a form to."""
    tree = html.fromstring(page)
    yield from tree.xpath(LOADED)
    for style in tree.xpath("//style/text() | //@style"):
        yield from in_css(style)


def in_css(text: str) -> list[str]:
    """The addresses in a style sheet."""
    return [one or other for one, other in IN_CSS.findall(COMMENT.sub("", text))]


def test_no_page_asks_another_host_for_anything(matrix: Matrix) -> None:
    assert matrix.misled == []
    found = [page for page in matrix.pages if page.text.lstrip().startswith("<!")]
    assert len(found) > 100
    foreign = {(one.path, link) for one in found for link in loaded(one.text) if is_foreign(link)}
    assert foreign == set()


def test_no_asset_asks_another_host_for_anything() -> None:
    styles = [path for path in ROOT.glob("static/**/*") if path.suffix in (".css", ".svg")]
    links = {(path.name, link) for path in styles for link in in_css(path.read_text("utf-8"))}
    assert {(name, link) for name, link in links if is_foreign(link)} == set()
    for path in ROOT.glob("static/**/*.js"):
        hosts = set(IN_SCRIPT.findall(COMMENT.sub("", path.read_text("utf-8"))))
        assert hosts <= NAMES, path


@pytest.mark.parametrize(
    "page",
    [
        '<link rel="stylesheet" href="https://fonts.example.com/a.css">',
        '<script src="//cdn.example.com/a.js"></script>',
        "<p style=\"background: url('http://img.example.com/a.png')\">",
        '<style>@import "https://a.example.com/a.css";</style>',
    ],
)
def test_what_would_be_asked_of_another_host_is_found(page: str) -> None:
    assert any(map(is_foreign, loaded(f"<html><body>{page}</body></html>")))


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_by_its_hashes(name: str) -> None:
    told = re.sub(r"(?m)^\s*#.*\n", "", (ROOT / name).read_text("utf-8")).replace("\\\n", " ")
    packages = [line for line in told.splitlines() if line.strip()]
    assert packages
    for package in packages:
        assert re.match(r"\S+==\S+ ", package), package
        assert "--hash=sha256:" in package, package
