"""Styles and scripts: light as they travel, and kept by browsers until they change."""

import gzip
import re

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.config import ROOT

HEAVIEST = 120_000
"""Bytes of all styles and scripts together, so of those of any page."""
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def test_all_styles_and_scripts_together_are_light() -> None:
    files = [path for path in ROOT.glob("static/**/*") if path.suffix in (".css", ".js")]
    assert len(files) > 20
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in files) < HEAVIEST


def test_every_file_of_a_page_has_its_content_in_its_address_and_is_kept(
    client: FlaskClient, session: Session
) -> None:
    linked = set(LINKED.findall(client.get("/challenges").text))
    assert len(linked) > 10
    for address in linked:
        assert re.search(r"\?v=[0-9a-f]{10}$", address), address
        with client.get(address) as answer:
            assert answer.status_code == 200
            assert "max-age=" in answer.headers["Cache-Control"]
