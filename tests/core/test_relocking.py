"""Changing the master key: everything is found, locked anew, stopped and gone on with."""

import itertools
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.sections import service as sections
from portal.bids.terms import AttachmentKind
from portal.core import locking, relocking
from portal.core.files import FileStore, StoredFile, Upload, contents
from portal.core.locking import Locked, Where
from portal.core.sealing.errors import SealingError
from portal.models import metadata
from tests.factories.bids import PDF, make_bid

OLD, NEW = "the key of until now", "the key from now on"


@pytest.fixture(autouse=True)
def keys(session: Session) -> Iterator[None]:
    """The tests' own key is in place again afterwards."""
    kept = locking.lock()
    locking.use(OLD)
    yield
    locking._lock[:] = [kept]


def test_every_locked_column_is_found() -> None:
    """A new one is either a LockedJson, or this fails."""
    named = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name.startswith("locked")
    }
    assert {str(kept) for kept in relocking.columns()} == named
    assert len(named) >= 6
    uses = re.compile(r"\block\(\)|locked_json|unlocked_json")
    strange = [
        str(path)
        for path in Path("portal").rglob("*.py")
        if uses.search(path.read_text())
        and path.name not in ("locking.py", "files.py", "relocking.py")
    ]
    assert strange == [], "what locks in another way is not found"


def test_all_is_locked_anew_also_when_it_was_stopped_in_the_middle(
    session: Session, store: FileStore, now: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relocking, "BATCH", 3)
    bid = make_bid()
    lead = actor_of(session.get_one(Person, bid.started_by))
    session.commit()
    place = (bid.id, Upload(BytesIO(PDF), "a.pdf"), AttachmentKind.AUDIT, "审计")
    file_id = sections.attach(lead, *place, store, now).file_id
    said = {row.section: row.content for row in bid.sections}
    session.commit()
    locking.use(NEW, OLD)
    total = relocking.count(session)
    session.commit()
    list(itertools.islice(relocking.relock(store), 2))
    session.rollback()
    assert {row.section: row.content for row in bid.sections} == said, "both keys open meanwhile"
    session.commit()
    done = relocking.Done()
    for step in relocking.relock(store):
        done.add(step)
    assert (done.seen, done.lost) == (total, [])
    assert 0 < done.locked < total
    session.expire_all()
    locking.use(NEW)
    assert {row.section: row.content for row in bid.sections} == said
    stored = session.get_one(StoredFile, file_id)
    assert b"".join(contents(store, stored)) == PDF
    nothing_opens_with_the_old_key(session, store, stored)


def nothing_opens_with_the_old_key(session: Session, store: FileStore, stored: StoredFile) -> None:
    old = locking.Lock(OLD)
    for kept in relocking.columns():
        for row in session.scalars(select(kept.model)).unique():
            locked = getattr(row, kept.column)
            if locked is not None:
                with pytest.raises(Locked):
                    old.unlock(locked, Where(row.__tablename__, kept.column, row.id))
    for digest, _ in store.listed():
        with store.open(digest) as source, pytest.raises(SealingError):
            b"".join(old.unlock_file(source, stored.id))


def test_what_opens_with_neither_key_is_named_and_left(session: Session, store: FileStore) -> None:
    row = make_bid().sections[0]
    before = row.locked
    session.commit()
    locking.use(NEW, "a key that never was")
    lost = [place for step in relocking.relock(store) for place in step.lost]
    assert f"bid_sections.locked {row.id}" in lost
    session.expire_all()
    assert row.locked == before
