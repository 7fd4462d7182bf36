"""A small corpus of files that do harm, each refused with its reason, and usual ones that pass."""

import io
import re
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.errors import Invalid
from portal.core.kinds import DOCX, EVIDENCE, PAPERS, XLSX, media_type
from portal.core.screening import office, pdf
from portal.core.screening.checks import TWO_KINDS
from tests.core.test_files import HTML, PNG
from tests.factories.bids import PDF
from tests.factories.likeness import make_docx, make_pdf

DEMO = Path("portal/demo/data")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def with_object(said: bytes) -> bytes:
    """A PDF with one more object."""
    return PDF.replace(b"trailer", b"3 0 obj" + said + b"endobj\ntrailer")


def packed(said: bytes, about: bytes = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode") -> bytes:
    """A PDF with an object inside an object stream."""
    body = zlib.compress(b"3 0 " + said)
    return with_object(b"<<" + about + b">>stream\r\n" + body + b"\nendstream ")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"<</S/JavaScript/JS(app.alert(1))>>", pdf.SCRIPTS),
        (b"<</S /J#61vaScript /JS (x)>>", pdf.SCRIPTS),
        (b"<</S/#4a#61#76#61#53#63#72#69#70#74>>", pdf.SCRIPTS),
        (b"<</OpenAction<</S/JavaScript/JS(x)>>>>", pdf.SCRIPTS),
        (b"<</S/Launch/F(cmd.exe)>>", pdf.ACTIONS),
        (b"<</OpenAction<</S/Launch/Win<</F(cmd.exe)>>>>>>", pdf.ACTIONS),
        (b"<</S/SubmitForm/F(http://127.0.0.1/)>>", pdf.ACTIONS),
        (b"<</AcroForm<</XFA 9 0 R>>>>", pdf.ACTIONS),
        (b"<</Type/EmbeddedFile>>", pdf.FILES),
        (b"<</Names<</EmbeddedFiles 9 0 R>>>>", pdf.FILES),
    ],
)
def test_a_pdf_that_does_more_than_show_pages_is_refused_packed_or_not(
    said: bytes, why: str
) -> None:
    for data in (
        with_object(said),
        packed(said),
        packed(said, b"/N 1/First 4/Filter[/FlateDecode]"),
    ):
        with pytest.raises(Invalid) as refusal:
            media_type(data, PAPERS, "document")
        assert (refusal.value.field, refusal.value.message.text) == ("document", why)


@settings(max_examples=20)
@given(space=st.integers(0, 80))
def test_a_name_is_found_across_the_pieces_in_which_a_file_is_read(space: int) -> None:
    data = with_object(b" " * (pdf.CHUNK - space - 150) + b"<</S/JavaScript>>")
    assert pdf.danger(io.BytesIO(data)) == pdf.SCRIPTS


def test_what_cannot_be_examined_is_refused() -> None:
    harmless = b"<</Type/Annot>>"
    assert pdf.danger(io.BytesIO(packed(harmless))) is None
    ways = (
        b"/Filter/LZWDecode",
        b"/Filter[/ASCIIHexDecode/FlateDecode]",
        b"/Filter 9 0 R",
        b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>",
    )
    for about in ways:
        data = packed(harmless, b"/Type/ObjStm/N 1/First 4" + about)
        assert pdf.danger(io.BytesIO(data)) == pdf.OPAQUE
    far = packed(harmless, b"/Type/ObjStm " + b" " * 2 * pdf.AROUND + b"/Filter/FlateDecode")
    assert pdf.danger(io.BytesIO(far)) == pdf.OPAQUE
    bomb = packed(bytes(pdf.MOST_UNPACKED + 1))
    assert len(bomb) < 100_000
    assert pdf.danger(io.BytesIO(bomb)) == pdf.OPAQUE
    assert (
        pdf.danger(io.BytesIO(PDF.replace(b"<</Root", b"<</Encrypt 5 0 R/Root"))) == pdf.PROTECTED
    )


def test_usual_files_pass() -> None:
    outline = with_object(b"<</Type/Outlines/First 5 0 R/OpenAction[3 0 R/Fit]/Title(JavaScript)>>")
    letters = [DEMO / name for name in ("bid.pdf", "evidence.pdf")]
    for data in (PDF, outline, make_pdf(["words"]), *(path.read_bytes() for path in letters)):
        assert media_type(data, PAPERS, "file") == "application/pdf"
    assert media_type(make_docx("文字"), PAPERS, "file") == DOCX


def archive(*members: tuple[str, bytes], main: str = "xl/workbook.xml") -> bytes:
    """A workbook, as far as its parts are called so."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in (("[Content_Types].xml", b"<Types/>"), (main, b"<x/>"), *members):
            made.writestr(name, data)
    return target.getvalue()


def why_not(data: bytes) -> str:
    """Why an Office file is refused."""
    with pytest.raises(Invalid) as refusal:
        media_type(data, PAPERS, "file")
    return refusal.value.message.text


def test_office_files_with_macros_archives_or_passwords_are_refused() -> None:
    assert media_type(archive(), PAPERS, "file") == XLSX
    inner = archive(("xl/embeddings/table.xlsx", archive()))
    assert media_type(inner, PAPERS, "file") == XLSX
    macro = archive(("xl/vbaProject.bin", b"x"))
    assert why_not(macro) == office.MACROS
    assert why_not(archive(("xl/embeddings/table.xlsx", macro))) == office.MACROS
    for name, data in (("a.zip", archive()), ("x/a.xlsx", inner), ("a.gz", b"\x1f\x8b\x08")):
        assert why_not(archive((name, data))) == office.NESTED
    told = archive().replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    assert why_not(told) == office.LOCKED


def test_bombs_are_refused_by_what_they_claim_before_they_are_unpacked() -> None:
    dense = archive(("xl/big.bin", bytes(office.RATIO_FROM + 1)))
    assert len(dense) < 1 << 20
    assert why_not(dense) == office.BOMB
    many = archive(*((f"xl/{number}", b"") for number in range(office.MOST_MEMBERS)))
    assert why_not(many) == office.BOMB
    entry = re.compile(rb"(?s)(PK\x01\x02.{20}).{4}")
    claims = entry.sub(lambda found: found[1] + b"\xff\xff\xff\x0f", archive())
    assert why_not(claims) == office.BOMB
    overlap = re.compile(rb"(?s)(PK\x01\x02.{16}).{4}")
    claims = overlap.sub(lambda found: found[1] + b"\xff\xff\x0f\x00", archive())
    assert why_not(claims) == office.BOMB, "parts that together are larger than the file"


def test_files_of_two_kinds_and_pages_that_call_themselves_papers_are_refused() -> None:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as made:
        made.writestr("a.pdf", PDF)
        made.writestr("xl/workbook.xml", b"")
    tar = PDF.ljust(257, b" ") + b"ustar\x0000"
    for data in (PDF + archive(), PNG + archive(), stored.getvalue(), tar):
        with pytest.raises(Invalid) as refusal:
            media_type(data, PAPERS, "file")
        assert refusal.value.message.text == TWO_KINDS
    for data in (SVG, HTML):
        with pytest.raises(Invalid, match="accepted type"):
            media_type(data, EVIDENCE, "file")
