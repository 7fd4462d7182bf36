"""The look holds together: colours that can be read, classes that are both used and styled."""

import re
from functools import cache

import pytest

from portal.core.assets import EVERY_PAGE, STYLES
from tests.architecture.test_house import ROOT, tracked

READABLE, SEEN = 4.5, 3.0
"""WCAG 2.2 AA: text, and what is no text but has to be seen."""
GROUNDS = ("paper", "panel", "shade")
TEXT_ON = [
    *((text, ground) for text in ("ink", "ink-soft", "blue", "blue-deep") for ground in GROUNDS),
    *((text, f"{text}-tint") for text in ("blue", "jade", "amber", "crimson")),
    *((text, ground) for text in ("jade", "amber", "crimson") for ground in GROUNDS),
    *(("ink", f"{tint}-tint") for tint in ("blue", "jade", "amber", "crimson")),
    *(("ink-soft", f"{tint}-tint") for tint in ("blue", "jade", "amber", "crimson")),
    *(("panel", ground) for ground in ("vermilion", "vermilion-deep", "blue")),
    *(("panel", f"data-{number}") for number in (1, 2, 3, 4, 5)),
    ("vermilion", "panel"),
    ("paper", "ink"),
]
SHAPE_ON = [
    *(("line-strong", ground) for ground in GROUNDS),
    *((f"data-{number}", ground) for number in (1, 2, 3, 4, 5) for ground in GROUNDS),
]
MAILS = {"address", "foot", "letter", "subject"}
"""They bring their own style sheet."""
MARKS = {"arrived", "preview-banner"}
"""By these tests find a place in a page."""


def tokens() -> dict[str, str]:
    text = (ROOT / "static/css/tokens.css").read_text()
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_reckoned_as_the_guidelines_do():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_text_can_be_read_and_every_shape_seen():
    colours = tokens()
    pairs = [(pair, READABLE) for pair in TEXT_ON] + [(pair, SEEN) for pair in SHAPE_ON]
    faint = {
        pair: round(found, 2)
        for pair, wanted in pairs
        if (found := contrast(colours[pair[0]], colours[pair[1]])) < wanted
    }
    assert faint == {}


@cache
def templates() -> str:
    found = (path.read_text() for path in tracked("templates/*.html"))
    return re.sub(r"\{#.*?#\}", "", "\n".join(found), flags=re.DOTALL)


@cache
def styled() -> frozenset[str]:
    sheets = "\n".join(path.read_text() for path in tracked("static/css/*.css"))
    bare = re.sub(r"/\*.*?\*/", "", sheets, flags=re.DOTALL)
    selectors = " ".join(re.findall(r"([^{};]+)\{", bare))
    return frozenset(re.findall(r"\.([A-Za-z_][\w-]*)", selectors))


def test_every_style_is_used():
    code = "\n".join(path.read_text() for path in tracked("portal/*.py", "static/js/*.js"))
    text = templates() + code
    words = set(re.findall(r"[\w-]+", text))
    made = set(re.findall(r"([\w-]*--?)(?:\{[{%]|[\"'`] ~|\$\{)", text))
    unused = [name for name in sorted(styled() - words) if not any_start(name, made)]
    assert unused == []


def any_start(name: str, beginnings: set[str]) -> bool:
    return any(start and name.startswith(start) and start.strip("-") for start in beginnings)


def test_every_class_belongs_to_something_styled():
    scripts = "\n".join(path.read_text() for path in tracked("static/js/*.js"))
    known = {block(name) for name in styled()} | set(re.findall(r"[\w-]+", scripts))
    wrong = sorted(name for name in classes() - MAILS - MARKS if block(name) not in known)
    assert wrong == []


def block(name: str) -> str:
    """The thing of which a class is a part or a kind."""
    return re.split("__|--", name)[0]


def classes() -> set[str]:
    """The classes that templates write out; those put together from values are left out."""
    found: set[str] = set()
    for value in re.findall(r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', templates(), re.DOTALL):
        plain = re.sub(r"\{%.*?%\}", " ", value, flags=re.DOTALL)
        plain = re.sub(r"[\w-]*\{\{.*?\}\}[\w-]*", " ", plain, flags=re.DOTALL)
        found.update(plain.split())
    return found


def test_no_style_is_written_into_a_page():
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked("templates/*.html")
        if "mails" not in path.parts and re.search(r"\sstyle=|<style", path.read_text())
    ]
    assert wrong == []


def test_every_sheet_is_loaded_and_no_page_loads_one_twice():
    call = re.compile(r"asset\('(css/[\w-]+\.css)'\)")
    everywhere = [name for name in STYLES if name.startswith("css/")]
    assert len(everywhere) == len(set(everywhere))
    loaded = set(call.findall(templates())) - set(EVERY_PAGE)
    tracked_sheets = {f"css/{path.name}" for path in tracked("static/css/*.css")}
    assert loaded | set(everywhere) == tracked_sheets
    assert loaded & set(everywhere) == set()
