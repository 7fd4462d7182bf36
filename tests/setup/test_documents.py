"""What docs/security.md says is true as far as a machine can tell."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()


def test_every_test_that_the_threat_table_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert named - written == set()
    assert len(named) > 50


def test_every_threat_has_its_test_or_says_that_there_is_none():
    rows = re.findall(r"^\| (\d+) \|(?:[^|]*\|){2}([^|]*)\|$", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 28))
    assert [number for number, told in rows if "`" not in told and "none yet" not in told] == []


@pytest.mark.parametrize("name", ["security.md", "operations.md"])
def test_links_of_a_page_lead_somewhere(name):
    page = ROOT / "docs" / name
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
