"""The search for a word finds it in every form: what it does not find later is not there."""

import gzip
import io
import json
import quopri
import zlib
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from hashlib import shake_256
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.running import traces

WORD = "金丝雀七四一九"
NOISE = shake_256(b"noise").digest(50_000)


def zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", data)
    return made.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "zlib": zlib.compress,
    "zlib at its quickest": lambda data: zlib.compress(data, 1),
    "gzip": gzip.compress,
    "zip": zipped,
    "zlib in zip in gzip": lambda data: gzip.compress(zipped(zlib.compress(data))),
    "cut off": lambda data: zlib.compress(data + NOISE)[:2000],
}
FORMS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda word: word.encode(),
    "utf-16-le": lambda word: word.encode("utf-16-le"),
    "utf-16-be": lambda word: word.encode("utf-16-be"),
    "hexadecimal": lambda word: word.encode().hex().encode(),
    "base64": lambda word: b64encode(f"a{word}b".encode()),
    "base64, one further": lambda word: b64encode(f"aa{word}b".encode()),
    "base64, two further": lambda word: b64encode(f"aaa{word}b".encode()),
    "json": lambda word: json.dumps(word).encode(),
    "address": lambda word: quote(word).encode(),
    "mail": lambda word: quopri.encodestring(word.encode()).replace(b"=\n", b""),
    "python": lambda word: repr(word.encode()).encode(),
    "page": lambda word: word.encode("ascii", "xmlcharrefreplace"),
}


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("form", FORMS)
def test_a_word_is_found_in_every_form_and_in_whatever_it_is_packed(form: str, packed: str) -> None:
    forms = traces.written(WORD)
    for word, found in ((WORD, True), ("金丝雀七四二〇", False)):
        data = PACKED[packed](FORMS[form](f"在{word}前"))
        assert traces.holds(NOISE + data + NOISE, forms) is found


def test_an_amount_is_found_as_a_row_of_the_database_keeps_it() -> None:
    assert traces.amount(Decimal(7419741900)) == bytes.fromhex("4a00b6076c07")
