"""Styles and scripts: light as they travel, and kept by browsers until they change."""

import gzip
import re
import shutil
from collections import Counter
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.config import ROOT
from portal.core.assets import EVERY_PAGE, prepare

HEAVIEST = 120_000
"""Bytes of all styles and scripts together, so of those of any page."""
OWN_STYLES, OWN_SCRIPTS = 1, 3
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def test_all_styles_and_scripts_together_are_light() -> None:
    files = [path for path in ROOT.glob("static/**/*") if path.suffix in (".css", ".js")]
    assert len(files) > 20
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in files) < HEAVIEST


def test_every_file_of_a_page_has_its_content_in_its_address_and_is_kept(
    client: FlaskClient, session: Session
) -> None:
    linked = set(LINKED.findall(client.get("/challenges").text))
    kinds = Counter(address.partition("?")[0].rpartition(".")[2] for address in linked)
    assert kinds["css"] <= 1 + OWN_STYLES
    assert kinds["js"] <= 1 + OWN_SCRIPTS
    for address in linked:
        assert re.search(r"\?v=[0-9a-f]{10}$", address), address
        with client.get(address) as answer:
            assert answer.status_code == 200
            assert "max-age=" in answer.headers["Cache-Control"]


def test_what_every_page_needs_is_one_pressed_file_with_all_its_parts(
    app: Flask, client: FlaskClient
) -> None:
    for name, parts in EVERY_PAGE.items():
        with client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            whole = gzip.decompress(answer.data)
        places = [whole.find((ROOT / "static" / part).read_bytes()) for part in parts]
        assert places == sorted(places)
        assert places[0] >= 0
        if name.endswith(".css"):
            assert whole[: places[-1]].endswith(b"@media print {\n")


def test_two_processes_make_the_same_and_another_content_lies_elsewhere(tmp_path: Path) -> None:
    static = tmp_path / "static"
    shutil.copytree(ROOT / "static" / "css", static / "css")
    for folder in ("js", "vendor"):
        shutil.copytree(ROOT / "static" / folder, static / folder)
    first = prepare(static, tmp_path / "kept")
    assert prepare(static, tmp_path / "kept") == first
    (static / "css" / "tokens.css").write_text(":root { --ink: black }")
    other = prepare(static, tmp_path / "kept")
    assert b"--ink: black" in (other / "css" / "every-page.css").read_bytes()
    assert b"--ink: black" not in (first / "css" / "every-page.css").read_bytes()
