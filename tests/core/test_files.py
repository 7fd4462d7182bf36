"""Uploads: the content tells the type, the name tells nothing, and the store loses nothing."""

import io
import struct
import unicodedata
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.crypto import sha256
from portal.core.errors import Invalid
from portal.core.files import (
    FileStore,
    StoredFile,
    Upload,
    display_name,
    read,
    save,
)
from portal.core.kinds import EVIDENCE, PDF_ONLY, media_type
from tests.factories.accounts import make_person
from tests.factories.bids import PDF


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\xff\xd9"
ZIP = b"PK\x05\x06" + bytes(18)
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
EXE = b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(60)


@pytest.mark.parametrize(
    ("data", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
def test_the_type_is_told_by_the_content(data: bytes, kind: str) -> None:
    assert media_type(data, EVIDENCE, "file") == kind


@pytest.mark.parametrize(
    "data",
    [
        PNG,
        JPEG,
        ZIP,
        HTML,
        EXE,
        b"x",
        b"%PD",
        b"GIF89a" + PDF,  # a picture that hides a document
        HTML + PDF,  # a page that some readers open as a document
        ZIP + PDF,
        EXE + PDF,
        b"\n" + PDF,
        b"\xef\xbb\xbf" + PDF,
    ],
)
def test_what_only_calls_itself_a_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        media_type(data, PDF_ONLY, "document")
    assert refusal.value.field == "document"
    assert "PDF" in str(refusal.value)


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    def upload(size: int) -> Upload:
        return Upload(io.BytesIO(bytes(size)), "a.pdf")

    assert len(read(upload(2 << 20), 2 << 20, "file")) == 2 << 20
    with pytest.raises(Invalid, match="2 MB"):
        read(upload((2 << 20) + 1), 2 << 20, "file")
    with pytest.raises(Invalid, match="empty"):
        read(upload(0), 2 << 20, "file")


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("方案.pdf", "方案.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\方案.pdf", "方案.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "abSet-Cookie: x.pdf"),
        ("fdp.\u202eexe", "fdp.exe"),  # right-to-left override: shown backwards it lies
        (".htaccess", "htaccess"),
        ("..", "file"),
        ("", "file"),
        ("名" * 300 + ".pdf", "名" * 120 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(given_name: str, shown: str) -> None:
    assert display_name(given_name) == shown


@settings(max_examples=200)
@given(name=st.text(max_size=300))
def test_no_name_is_a_path_or_has_control_characters(name: str) -> None:
    shown = display_name(name)
    assert shown
    assert len(shown) <= 131
    assert not set(shown) & set("/\\")
    assert shown not in (".", "..")
    assert not shown.startswith(".")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in shown)


@pytest.fixture
def folder(tmp_path: Path) -> FileStore:
    return FileStore(f"file://{tmp_path}", 1 << 20)


def test_bytes_are_kept_under_their_hash_once(folder: FileStore, tmp_path: Path) -> None:
    assert folder.put(PDF) == folder.put(PDF) == sha256(PDF)
    with folder.open(sha256(PDF)) as source:
        assert source.read() == PDF
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [sha256(PDF)]
    with pytest.raises(FileNotFoundError):
        folder.open(sha256(b"never kept"))


def test_uploads_at_the_same_time_are_all_kept(folder: FileStore, tmp_path: Path) -> None:
    parts = [PDF + b"%%%d" % number for number in range(200)] * 2
    with ThreadPoolExecutor(16) as pool:
        digests = list(pool.map(folder.put, parts))
    assert digests == [sha256(part) for part in parts]
    kept = {p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert kept == {sha256(part): part for part in parts}


def test_a_write_that_breaks_off_leaves_nothing_behind(folder: FileStore, tmp_path: Path) -> None:
    target = tmp_path / sha256(PDF)[:2]
    target.write_bytes(b"a file where the folder has to be")
    with pytest.raises(OSError, match=r"."):
        folder.put(PDF)
    target.unlink()
    assert not list(tmp_path.rglob("*"))
    assert folder.put(PDF) == sha256(PDF)


def test_a_refused_upload_leaves_neither_row_nor_bytes(
    session: Session, folder: FileStore, tmp_path: Path
) -> None:
    person = make_person().id
    for data in (PNG, b"", PDF + bytes(1 << 20)):
        with pytest.raises(Invalid):
            save(session, folder, Upload(io.BytesIO(data), "方案.pdf"), person, PDF_ONLY)
    assert session.scalars(select(StoredFile)).all() == []
    assert not list(tmp_path.rglob("*"))
    kept = save(session, folder, Upload(io.BytesIO(PDF), "..\\..\\方案.pdf"), person, PDF_ONLY)
    assert (kept.name, kept.size, kept.sha256) == ("方案.pdf", len(PDF), sha256(PDF))
    assert kept.uploaded_by == person


@given(st.binary(max_size=3 << 10))
@settings(max_examples=50)
def test_a_stream_is_kept_like_its_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    place = FileStore(f"file://{tmp_path_factory.mktemp('stream')}", 1 << 20)
    assert place.put_stream(io.BytesIO(data)) == (sha256(data), len(data))
    with place.open(sha256(data)) as source:
        assert source.read() == data
    assert place.put_stream(io.BytesIO(data)) == (sha256(data), len(data))
