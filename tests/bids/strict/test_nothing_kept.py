"""With the master key at hand, nothing of a strict bid that was handed in can be found: planted words.

What is searched: every row of every table, every file of the store, and all of both that the master key
unlocks. That the search finds what is there is tried on an ordinary draft, and after the opening.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.bids.models import Bid
from portal.bids.rules import opens_at
from portal.bids.sections import service as sections
from portal.bids.strict import service
from portal.bids.terms import TEXTS, AttachmentKind, BidTerms
from portal.config import Settings
from portal.core.crypto import sha256
from portal.core.db import Base
from portal.core.files import FileStore, StoredFile, Upload
from portal.core.locking import LockedJson, lock
from portal.core.money import FundSource
from portal.core.sealing.errors import SealingError
from tests.factories.bids import PDF, make_bid
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids
from tests.factories.strict import (
    hand_in_strictly,
    in_time,
    last_of,
    lead_of,
    make_strict_bid,
    make_strict_challenge,
)

WORDS = ("暗语正文", "暗语人员", "暗语文件", "暗语内容")
PRICE = Decimal("852085208.52")
PLANTED = PDF + b"%" + "暗语内容".encode()


def telling(bid: Bid) -> tuple[BidTerms, BidTerms]:
    """Terms for the draft, and for the last page, that say the words."""
    texts: dict[str, Any] = {name: f"暗语正文{name}" for name in TEXTS}
    milestones = tuple(replace(one, title="暗语正文") for one in bid.terms.milestones)
    last = last_of(bid)
    members = tuple(replace(one, name=f"暗语人员{place}") for place, one in enumerate(last.members))
    own = FundSource.ENTERPRISE
    items = tuple(replace(one, amount=PRICE) if one.source is own else one for one in last.items)
    draft = replace(bid.terms, **texts, milestones=milestones, members=(), items=())
    return draft, BidTerms(members=members, items=items)


def unlocked(session: Session) -> Iterator[tuple[str, object]]:
    """What every locked column says."""
    for mapper in Base.registry.mappers:
        kind = mapper.class_
        for name in [key for key, value in vars(kind).items() if isinstance(value, LockedJson)]:
            for row in session.scalars(select(kind)):
                yield f"{kind.__tablename__}.{name}", getattr(row, name)


def opened_by_master_key(session: Session, store: FileStore) -> Iterator[tuple[str, bytes]]:
    """Every file of the store that opens for any row."""
    rows = session.scalars(select(StoredFile.id)).all()
    for digest, _ in store.listed():
        for row in rows:
            try:
                with store.open(digest) as source:
                    yield f"file {digest}", b"".join(lock().unlock_file(source, row))
            except SealingError:
                continue


def places(session: Session, store: FileStore, folder: Path) -> set[str]:
    """Where one of the words, the price, or the plain hash of the file can be read."""
    session.commit()
    session.expire_all()
    found = [(str(path), path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    for (table,) in session.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ).all():
        rows = session.execute(text(f"SELECT t::text FROM {table} t")).scalars()
        found.append((table, "\n".join(rows).encode()))
    for place, value in unlocked(session):
        found.append((place, json.dumps(value, ensure_ascii=False).encode()))
    found += opened_by_master_key(session, store)
    words = [*WORDS, str(PRICE), sha256(PLANTED)]
    forms = [form for word in words for form in (word.encode(), word.encode().hex().encode())]
    return {place for place, data in found if any(form in data for form in forms)}


def test_with_the_master_key_nothing_of_two_versions_is_found(
    session: Session, store: FileStore, settings: Settings
) -> None:
    folder = Path(settings.storage_url.removeprefix("file://"))
    bid = make_strict_bid(challenge=make_strict_challenge(), document=PLANTED, name="暗语文件.pdf")
    lead, at = lead_of(bid), in_time(bid)
    draft, last = telling(bid)
    bid.terms = draft
    session.commit()
    for number in (1, 2):
        upload = Upload(BytesIO(PLANTED + bytes([number])), f"暗语文件{number}.pdf")
        sections.attach(lead, bid.id, upload, AttachmentKind.TEST, "暗语文件", store, at)
    assert places(session, store, folder) == {"bid_sections.content", "stored_files.told"}
    row = next(one for one in bid.terms.attachments if one.name == "暗语文件2.pdf")
    sections.detach(lead, bid.id, row.file_id, at)
    _, saved = hand_in_strictly(bid, last)
    assert places(session, store, folder) == set(), "of the first version"
    service.go_on(lead, bid.id, saved, at, store)
    newer = replace(last, items=(*last.items[:-1], replace(last.items[-1], year=2)))
    hand_in_strictly(bid, newer)
    assert places(session, store, folder) == set(), "of the second version"
    assert bid.challenge.closes_at is not None
    officer = actor_of(make_officer(bid.challenge))
    session.commit()
    assert open_bids(officer, bid.challenge_id, opens_at(bid.challenge.closes_at)) == 1
    found = places(session, store, folder)
    assert {"bid_versions", "bid_budget_lines", "stored_files"} <= found
    session.expire_all()
    terms = bid.versions[1].terms
    assert (terms.members, terms.items, terms.title) == (last.members, newer.items, draft.title)


def test_the_search_finds_an_ordinary_draft(
    session: Session, store: FileStore, settings: Settings
) -> None:
    folder = Path(settings.storage_url.removeprefix("file://"))
    bid = make_bid(partners=[])
    draft, last = telling(bid)
    bid.terms = replace(draft, members=last.members, items=last.items)
    session.commit()
    upload = Upload(BytesIO(PLANTED), "暗语文件.pdf")
    sections.put_document(lead_of(bid), bid.id, upload, store, in_time(bid))
    found = places(session, store, folder)
    assert {"bid_sections.content", "stored_files.told"} <= found
    assert any(place.startswith("file ") for place in found), "the file itself as well"
