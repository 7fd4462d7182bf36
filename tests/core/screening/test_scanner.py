"""The virus scanner beside the portal: a small server that speaks as clamd does."""

import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.errors import Invalid
from portal.core.files import FileStore, StoredFile, Upload, save
from portal.core.screening import checks
from portal.core.screening.scanner import Scanner, ScannerAway
from tests.factories.accounts import make_person
from tests.factories.bids import PDF

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file that every scanner finds."""
LARGEST = 1 << 20


class Answer(socketserver.StreamRequestHandler):
    """INSTREAM: pieces with their length before them, until one of no length."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        whole = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            whole += self.rfile.read(size)
        found = b"OK"
        if EICAR in whole:
            found = b"Eicar-Signature FOUND"
        if len(whole) > LARGEST:
            found = b"INSTREAM size limit exceeded. ERROR"
        self.wfile.write(b"stream: " + found + b"\0")


@pytest.fixture(params=["tcp", "unix"])
def scanner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scanner]:
    """A scanner that answers."""
    if request.param == "tcp":
        server = socketserver.TCPServer(("127.0.0.1", 0), Answer)
        address = f"127.0.0.1:{server.server_address[1]}"
    else:
        address = str(tmp_path / "s")
        server = socketserver.UnixStreamServer(address, Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Scanner(address)
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_the_scanner_finds_is_refused_and_not_kept(
    session: Session, scanner: Scanner, tmp_path: Path
) -> None:
    store = FileStore(f"file://{tmp_path}/files", 1 << 22, scanner)
    by = make_person().id
    with pytest.raises(Invalid) as refusal:
        save(session, store, Upload(io.BytesIO(PDF + EICAR), "a.pdf"), by)
    assert refusal.value.message.parameters == {"name": "Eicar-Signature"}
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0
    assert list(store.listed()) == []
    kept = save(session, store, Upload(io.BytesIO(PDF), "a.pdf"), by)
    with store.open(kept.sha256) as file:
        assert file.read() == PDF


def test_a_scanner_that_could_not_scan_has_found_nothing_out(scanner: Scanner) -> None:
    with pytest.raises(ScannerAway, match="size limit"):
        scanner.found_in(io.BytesIO(bytes(LARGEST + 1)))


def test_when_the_scanner_is_away_nothing_is_taken(tmp_path: Path) -> None:
    for address in (str(tmp_path / "nobody"), "127.0.0.1:1"):
        with pytest.raises(Invalid) as refusal:
            checks.require_clean(Scanner(address), io.BytesIO(PDF), "file")
        assert refusal.value.message.text == checks.AWAY
    checks.require_clean(None, io.BytesIO(PDF), "file")
