"""A bid in which every text, name, number and file has a canary: a word that is nowhere else."""

import io
import zlib
from decimal import Decimal

from openpyxl import Workbook
from wtforms import StringField, TextAreaField

from portal.bids.sections.forms import FORMS, ROWS
from tests.bids.pages import SHEET
from tests.factories.likeness import make_docx
from tests.running.traces import amount, written
from tests.running.visitor import File

CHINESE, LATIN = "金丝雀七四一九", "Kanarienvogel7419"
WORDS = f"{CHINESE} {LATIN} "
OWN_MONEY = "741974.19"
"""In 万元, more than any challenge asks for: that is allowed."""
YUAN = Decimal(OWN_MONEY) * 10_000
MONEY = OWN_MONEY, "741,974.19", str(int(YUAN))
FORMS_OF_IT = frozenset().union(
    *(written(word) for word in (CHINESE, LATIN, *MONEY)), {amount(YUAN)}
)
LARGE = 2 << 20
"""Bytes of the document: more than an upload may hold in memory."""


WISH = {"avoid-0-name": "", "avoid-0-organisation": "", "avoid-0-reason": ""}
"""An expert who shall keep away; the sheet of other tests has none, as an officer has to decide it."""


def texts() -> set[str]:
    """The fields in which one may write what one likes, those of tables by `table.field`."""
    kinds = (StringField, TextAreaField)
    forms = [("", form) for form in FORMS.values()]
    tables = [(f"{table}.", row) for table, row in ROWS.items()]
    free = {
        f"{table}{name}"
        for table, form in (*forms, *tables)
        for name, field in vars(form).items()
        if getattr(field, "field_class", None) in kinds
    }
    return free - {"milestones.indicators"}  # numbers alone


def sheet() -> dict[str, dict[str, str]]:
    """Every section as it is typed."""
    free, planted = texts(), set[str]()
    made: dict[str, dict[str, str]] = {}
    for section, data in {**SHEET, "declarations": {**SHEET["declarations"], **WISH}}.items():
        made[section] = dict(data)
        for name in data:
            place = ".".join(name.split("-")[::2])
            if place in free:
                made[section][name] = f"{WORDS}{place}"
                planted.add(place)
    made["budget"]["budget-2-amount"] = OWN_MONEY
    assert planted == free, f"without a canary: {sorted(free - planted)}"
    return made


def documents() -> dict[str, File]:
    """One file of each kind that holds text, by what it is."""
    return {
        "pdf": (f"{WORDS}方案.pdf", pdf()),
        "docx": (f"{WORDS}回信.docx", make_docx(WORDS * 20, author=CHINESE, saved_by=LATIN)),
        "xlsx": (f"{WORDS}预算.xlsx", xlsx()),
        "text": (f"{WORDS}附录.pdf", b"%PDF-1.4\n%" + WORDS.encode() * 40 + b"\n%%EOF\n"),
    }


def pdf() -> bytes:
    """A large PDF with the words in a compressed stream and in its metadata."""
    stream = zlib.compress(f"BT /F1 12 Tf ({LATIN}) Tj ET % {CHINESE}".encode())
    title = ("\ufeff" + WORDS).encode("utf-16-be").hex().encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R/Metadata 6 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Title<%s>>>" % title,
        _stream(f"<x:xmpmeta>{WORDS}</x:xmpmeta>".encode()),
        _stream(WORDS.encode() * (LARGE // len(WORDS.encode()))),
    ]
    body = [b"%d 0 obj%s\nendobj\n" % (number, part) for number, part in enumerate(parts, 1)]
    return b"%PDF-1.4\n" + b"".join(body) + b"trailer<</Root 1 0 R/Info 5 0 R>>\n%%EOF\n"


def _stream(data: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(data), data)


def xlsx() -> bytes:
    """A workbook; its members are compressed."""
    book = Workbook()
    book.properties.creator = CHINESE
    sheet = book.active
    assert sheet is not None
    sheet.title = LATIN
    for row in range(20):
        sheet.append([WORDS, row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
