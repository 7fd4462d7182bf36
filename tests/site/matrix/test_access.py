"""What of accessibility can be seen in the page's source, on every page; what needs a browser to be seen:
`./run bench axe`, and the journeys."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from lxml import html
from lxml.html import HtmlElement

from tests.site.matrix.world import Matrix

pytestmark = pytest.mark.xdist_group("matrix")
TYPED = "//input[not(@type='hidden' or @type='submit' or @type='button')] | //select | //textarea"
NAMED = "@aria-label or @aria-labelledby or @title"
LIVING = {"/styleguide"}
"""Every component once, headings and errors among them; its own test looks at it."""
POINTING = "aria-describedby", "aria-labelledby", "aria-controls", "for", "headers"


def has_words(element: HtmlElement) -> bool:
    """Whether it says something to who does not see it."""
    told = element.xpath(f"boolean({NAMED} or .//img[@alt != ''] or .//svg[{NAMED} or title])")
    return bool(told) or bool(element.text_content().strip())


def is_labelled(tree: HtmlElement, field: HtmlElement) -> bool:
    """Whether a field has a label."""
    named = field.xpath(f"boolean({NAMED} or ancestor::label)")
    return bool(named) or bool(tree.xpath("//label[@for=$id]", id=field.get("id", "")))


def unlabelled(tree: HtmlElement) -> Iterator[HtmlElement]:
    yield from (field for field in tree.xpath(TYPED) if not is_labelled(tree, field))


def speechless(tree: HtmlElement) -> Iterator[HtmlElement]:
    yield from (
        one for one in tree.xpath("//a[@href] | //button | //summary") if not has_words(one)
    )
    yield from tree.xpath("//img[not(@alt)]")
    yield from tree.xpath(f"//svg[@role='img' and not({NAMED} or title)]")


def unheaded(tree: HtmlElement) -> Iterator[HtmlElement]:
    yield from tree.xpath("//table[not(caption) and not(@aria-label) and not(@aria-labelledby)]")
    yield from tree.xpath("//table//th[not(@scope)]")


def pointing_nowhere(tree: HtmlElement) -> Iterator[HtmlElement]:
    known = set(tree.xpath("//@id"))
    for name in POINTING:
        for one in tree.xpath(f"//*[@{name}]"):
            if not set(one.get(name).split()) <= known:
                yield one
    for link in tree.xpath("//a[starts-with(@href, '#')]"):
        if link.get("href")[1:] not in known:
            yield link


def twice(tree: HtmlElement) -> Iterator[HtmlElement]:
    several = {name for name, number in Counter(tree.xpath("//@id")).items() if number > 1}
    yield from (one for one in tree.xpath("//*[@id]") if one.get("id") in several)


def out_of_order(tree: HtmlElement) -> Iterator[HtmlElement]:
    yield from tree.xpath("//*[@tabindex > 0]")
    if len(tree.xpath("//h1")) != 1 or not tree.get("lang") or not tree.xpath("//main[@id='main']"):
        yield tree


RULES: tuple[Callable[[HtmlElement], Iterator[HtmlElement]], ...] = (
    unlabelled,
    speechless,
    unheaded,
    pointing_nowhere,
    twice,
    out_of_order,
)


def barriers(page: str) -> Iterator[str]:
    """Every rule that a page breaks, with the place."""
    tree = html.document_fromstring(page)
    for rule in RULES:
        for one in rule(tree):
            yield f"{rule.__name__}: {html.tostring(one, encoding='unicode')[:160]}"


def test_no_page_has_a_barrier_in_its_source(matrix: Matrix) -> None:
    assert matrix.misled == []
    shown = {one.path: one.text for one in matrix.pages if one.text.lstrip().startswith("<!")}
    found = [
        f"{path}: {barrier}"
        for path, text in shown.items()
        if not path.endswith("/html") and path not in LIVING  # a mail as it is sent
        for barrier in barriers(text)
    ]
    assert found == [], "\n".join(found)


WHOLE = '<html lang="en"><body><main id="main"><h1>A</h1>{}</main></body></html>'


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        ("unlabelled", '<input name="a">'),
        ("speechless", '<a href="/"><img src="a.png" alt=""></a>'),
        ("unheaded", "<table><caption>A</caption><tr><th>B</th></tr></table>"),
        ("pointing_nowhere", '<p aria-describedby="b">A</p>'),
        ("twice", '<p id="a">A</p><p id="a">B</p>'),
        ("out_of_order", "<h1>B</h1>"),
    ],
)
def test_a_barrier_is_found(rule: str, source: str) -> None:
    assert [one.partition(":")[0] for one in barriers(WHOLE.format(source))][:1] == [rule]
    assert list(barriers(WHOLE.format("<p>A</p>"))) == []
