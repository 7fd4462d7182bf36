"""Pairs of like bids for tests, and PDF and Word files that say something."""

import ctypes
import io
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import docx
import pypdfium2
import pypdfium2.raw as pdfium

from portal.bids.likeness.models import LikePair
from portal.bids.models import Bid
from portal.core import clock
from portal.core.db import db
from tests.factories.bids import make_bid, make_bid_challenge

_seconds = count(1)


def make_pair(bid: Bid | None = None, other: Bid | None = None, **facts: Any) -> LikePair:
    """Two opened bids of a challenge, a third of which is the same; nobody has looked at them."""
    challenge = bid.challenge if bid else make_bid_challenge(opened=True)
    bid = bid or make_bid(opened=True, challenge=challenge)
    other = other or make_bid(opened=True, challenge=challenge)
    values: dict[str, Any] = {
        "position": 0,
        "score": Decimal("0.3333"),
        "passages": [],
        "passages_in_all": 0,
        "hints": [{"kind": "phone", "values": ["13800138000"]}],
        "found_at": clock.now(db.session),
    }
    pair = LikePair(challenge=challenge, bid=bid, other=other, **{**values, **facts})
    db.session.add(pair)
    db.session.flush()
    return pair


def make_docx(text: str, author: str = "", saved_by: str = "") -> bytes:
    """A Word file."""
    document = docx.Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    marks = document.core_properties
    marks.author, marks.last_modified_by = author, saved_by
    marks.modified = datetime(2026, 1, 1) + timedelta(seconds=next(_seconds))  # noqa: DTZ001
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def make_pdf(pages: list[str]) -> bytes:
    """A PDF with a few Latin words on each page."""
    document = pypdfium2.PdfDocument.new()
    for words in pages:
        page = document.new_page(400, 400)
        line = pdfium.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", 12.0)
        wide = (words + "\x00").encode("utf-16-le")
        text = ctypes.cast(ctypes.create_string_buffer(wide), pdfium.FPDF_WIDESTRING)
        pdfium.FPDFText_SetText(line, text)
        pdfium.FPDFPage_InsertObject(page.raw, line)
        pdfium.FPDFPageObj_Transform(line, 1, 0, 0, 1, 40, 200)
        page.gen_content()
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
