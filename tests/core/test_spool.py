"""An upload waits in a spool: it reads like any file, and what of it is on a disc is ciphertext."""

import io
import os
import tempfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from portal.core.requests import Request
from portal.core.spool import Spool

WORDS = "绝密报价一千二百万".encode() * 40
STEPS = st.lists(
    st.tuples(st.sampled_from(["read", "seek", "end"]), st.integers(0, 400)), max_size=12
)


@given(pieces=st.lists(st.binary(max_size=90), max_size=8), steps=STEPS)
def test_it_reads_like_any_file(pieces: list[bytes], steps: list[tuple[str, int]]) -> None:
    spool, plain = Spool(in_memory=100), io.BytesIO()
    for piece in pieces:
        assert spool.write(piece) == plain.write(piece)
    for what, number in steps:
        if what == "read":
            assert spool.read(number) == plain.read(number)
        elif what == "seek":
            assert spool.seek(number) == plain.seek(number)
        else:
            back = -min(number, len(plain.getvalue()))
            assert spool.seek(back, os.SEEK_END) == plain.seek(back, os.SEEK_END)
        assert spool.tell() == plain.tell()
    assert spool.seek(0) == 0
    assert spool.read() == plain.getvalue()


def test_what_is_on_the_disc_is_ciphertext(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[io.BytesIO] = []

    def watched() -> io.BytesIO:
        made.append(io.BytesIO())
        return made[0]

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    spool = Spool(in_memory=200)
    for start in range(0, len(WORDS), 77):
        spool.write(WORDS[start : start + 77])
    assert spool.is_on_disc
    held = made[0].getvalue()
    assert len(held) == len(WORDS)
    assert not [start for start in range(0, len(WORDS), 27) if WORDS[start : start + 27] in held]
    spool.seek(0)
    assert spool.read() == WORDS


def test_every_upload_of_the_portal_waits_in_one() -> None:
    sent: dict[str, Any] = {"file": (io.BytesIO(WORDS * 3000), "报价.pdf")}
    built = EnvironBuilder(method="POST", data=sent)
    environ = built.get_environ()
    request = Request(environ)
    stream = request.files["file"].stream
    assert isinstance(stream, Spool)
    assert stream.is_on_disc
    assert stream.read() == WORDS * 3000
    request.close()
    environ["wsgi.input"].close()
    assert stream.closed
