"""What people write is never an address that the portal itself goes to."""

import ast
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from portal.bids.sections.paper import made
from portal.config import ROOT
from portal.core.db import db
from tests.site.matrix.visitors import nothing_written
from tests.site.matrix.world import Matrix
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("matrix")
NETWORK = {"socket", "http", "urllib.request", "urllib3", "httpx", "requests", "smtplib", "ftplib"}
ALLOWED = {
    "portal/notifications/mails/smtp.py": "the mail server that the operator names",
    "portal/core/screening/scanner.py": "the virus scanner that the operator names",
    "portal/core/arrivals.py": "asks the kernel about the connection of the request",
    "portal/core/hanging_up.py": "closes the connection of the request",
    "portal/witness.py": "a program of its own, for a witness's machine",
    "portal/cli/serve.py": "begins the portal, and asks it whether it is there",
    "portal/embedded.py": "begins the servers of a demonstration",
    "portal/demo/walk/browser.py": "walks through a demonstration",
}
"""Whoever speaks to the network, and why; none takes an address from a user."""
FEWEST = 40
HERE = "127.0.0.1"


@pytest.fixture
def heard() -> Iterator[tuple[str, list[object]]]:
    """An address on this machine, and who has come to it."""
    came: list[object] = []
    with socket.create_server((HERE, 0)) as server:

        def listen() -> None:
            while True:
                try:
                    line, where = server.accept()
                except OSError:
                    return
                came.append(where)
                line.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        host, port = server.getsockname()
        yield f"http://{host}:{port}/canary", came
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_an_address_in_any_field_is_not_gone_to(
    matrix: Matrix, heard: tuple[str, list[object]]
) -> None:
    address, came = heard
    assert matrix.misled == []
    tried = 0
    for cell in matrix.cells("POST"):
        form = matrix.forms.get(cell.endpoint)
        if form is None or cell.side or not form.free:
            continue
        data = form.to_post(**dict.fromkeys(form.free, address))
        with nothing_written(matrix.app):
            assert matrix.ask(cell, matrix.inside(cell)[0], data=data).status_code < 500
        tried += 1
    assert tried >= FEWEST
    assert came == []
    with socket.create_connection((HERE, urlsplit(address).port)):
        until(lambda: came, "somebody who does come is heard")


def test_an_address_in_a_bid_is_not_gone_to_when_it_is_put_on_paper(
    matrix: Matrix, heard: tuple[str, list[object]]
) -> None:
    address, came = heard
    bid = matrix.sides[0].bid
    bid.terms = replace(bid.terms, summary=address, route=f'#image("{address}")', title=address)
    with matrix.app.test_request_context():
        assert made(bid, matrix.now).startswith(b"%PDF")
    db.session.rollback()
    assert came == []


def imports(text: str) -> Iterator[str]:
    """What a file imports, by its full name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_only_named_files_speak_to_the_network() -> None:
    speaking = {
        str(path.relative_to(ROOT))
        for folder in ("portal", "workers")
        for path in (ROOT / folder).rglob("*.py")
        if any(
            name in NETWORK or name.startswith(("http.client", "urllib3.", "httpx."))
            for name in imports(path.read_text("utf-8"))
        )
    }
    assert speaking == set(ALLOWED)
