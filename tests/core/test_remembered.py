"""A world that is written again is the one that was made: rows, defaults, files, and who is who."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.db import db
from portal.core.files import FileStore
from portal.models import metadata
from tests.conftest import empty
from tests.copies import counted
from tests.factories.bids import make_bid
from tests.factories.remembered import noted


def world(session: Session, store: FileStore) -> tuple[list[Any], list[str]]:
    """All that there is after a bid was made, and the statements that it took."""
    with counted() as sent:
        bid = make_bid(opened=True)
    assert bid in session
    assert store.has(bid.draft_file.sha256)
    rows = [
        sorted(map(str, session.execute(text(f"SELECT * FROM {table.name}"))))
        for table in metadata.sorted_tables
    ]
    return [rows, bid.lead.name, bid.changed_at, bid.terms, bid.versions[-1].terms], sent


def test_what_is_written_again_is_what_was_made(session: Session, store: FileStore) -> None:
    made, _ = world(session, store)
    other = make_bid(opened=True)
    assert other.lead.name != made[1], "the second of a test is another"
    store.delete(other.draft_file.sha256)
    session.close()
    empty(db.engine)
    with noted(db.engine):
        again, sent = world(session, store)
    assert again == made
    assert sent == []
