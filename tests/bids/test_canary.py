"""No plaintext of a bid that was handed in is anywhere: every field, file name and file has a canary.

What is searched: every table of the database, row by row, and every file of the store; as UTF-8,
UTF-16, base64 and hexadecimal. That the search finds what is there is tried after the opening.
"""

from base64 import b64encode
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.models import Bid
from portal.bids.rules import opens_at
from portal.bids.sections import service as sections
from portal.bids.teams.rules import Offer
from portal.bids.terms import TEXTS, AttachmentKind
from portal.config import Settings
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from tests.factories.bids import PDF, agree, hand_in, make_bid, make_bid_challenge
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids

CANARY = "金丝雀七四一九"
PRICE = Decimal("741974197.97")
"""More own money than any challenge asks for: that is allowed."""


def xlsx() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", f"<workbook>{CANARY}</workbook>")
    return made.getvalue()


def telling(bid: Bid) -> None:
    """The canary in every text, name and number of the draft."""
    terms = bid.terms
    said: dict[str, Any] = {name: f"{CANARY}{name}" for name in TEXTS}
    said["members"] = tuple(
        replace(one, name=f"{CANARY}{place}", duty=CANARY)
        for place, one in enumerate(terms.members)
    )
    said["promises"] = tuple(replace(one, how=CANARY, proof=CANARY) for one in terms.promises)
    said["milestones"] = tuple(
        replace(one, title=CANARY, deliverable=CANARY) for one in terms.milestones
    )
    said["risks"] = tuple(replace(one, risk=CANARY, answer=CANARY) for one in terms.risks)
    own = FundSource.ENTERPRISE
    said["items"] = tuple(
        replace(one, amount=PRICE) if one.source is own else one for one in terms.items
    )
    assert {one.name for one in fields(terms)} == {*said, "attachments"}, "every part has one"
    bid.terms = replace(terms, **said)


def written(word: str) -> list[bytes]:
    """A word in every form in which it might lie about."""
    plain = word.encode()
    forms = [plain, word.encode("utf-16-le"), word.encode("utf-16-be"), plain.hex().encode()]
    forms += [b64encode(plain[start:])[:-4] for start in range(3)]
    return [*forms, word.encode("unicode_escape")]


def everything(session: Session, folder: Path) -> dict[str, bytes]:
    """Every row of the database, bytes also as they are, and every file."""
    session.commit()
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    for (table,) in session.execute(text(tables)).all():
        rows = session.execute(text(f"SELECT t::text FROM {table} t")).scalars()
        found[table] = "\n".join(rows).encode()
    return found


def places(session: Session, folder: Path) -> set[str]:
    """Where a canary, or the price, lies in clear."""
    words = [form for word in (CANARY, str(PRICE)) for form in written(word)]
    return {
        place
        for place, data in everything(session, folder).items()
        if any(word in data for word in words)
    }


def test_before_the_opening_nothing_of_a_bid_is_anywhere_in_clear(
    session: Session, store: FileStore, settings: Settings
) -> None:
    folder = Path(settings.storage_url.removeprefix("file://"))
    challenge = make_bid_challenge()
    assert challenge.closes_at is not None
    at = opens_at(challenge.closes_at)
    bid = make_bid(challenge=challenge)
    lead = actor_of(session.get_one(Person, bid.started_by))
    telling(bid)
    partner = bid.partners[0]
    partner.offer = Offer(CANARY, PRICE, Decimal(0), CANARY)
    partner.consents.clear()
    session.flush()
    agree(partner, bid.started_by)
    session.commit()
    stamp = challenge.closes_at - timedelta(hours=1)
    pdf = PDF + b"%" + CANARY.encode()
    sections.put_document(lead, bid.id, Upload(BytesIO(pdf), f"{CANARY}.pdf"), store, stamp)
    for name, data in ((f"{CANARY}.xlsx", xlsx()), (f"{CANARY}2.pdf", pdf + b"2")):
        upload = Upload(BytesIO(data), name)
        sections.attach(lead, bid.id, upload, AttachmentKind.OTHER, CANARY, store, stamp)
    assert places(session, folder) == set(), "a draft is locked"
    hand_in(lead, bid.id, stamp)
    assert places(session, folder) == set(), "what is handed in is sealed"
    assert open_bids(actor_of(make_officer(challenge)), challenge.id, at) == 1
    found = places(session, folder)
    assert {"bid_versions", "bid_budget_lines", "stored_files"} <= found, "the search would find it"
    assert len(found) >= 5
