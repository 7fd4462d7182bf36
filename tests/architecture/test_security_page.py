"""Every test that docs/security.md names is there."""

import re

from portal.config import ROOT

NAMED = re.compile(r"`(test_\w+)(?:\.py)?`")


def test_every_test_that_the_threat_table_names_exists() -> None:
    named = set(NAMED.findall((ROOT / "docs" / "security.md").read_text("utf-8")))
    there = {path.stem for path in ROOT.glob("tests/**/test_*.py")}
    for path in ROOT.glob("tests/**/*.py"):
        there |= set(re.findall(r"def (test_\w+)\(", path.read_text("utf-8")))
    assert len(named) > 100
    assert named - there == set()
