"""The sweeper: what no row names goes after a day; what somebody may still name never does."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import fsspec
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.rules import opens_at
from portal.bids.sections.service import put_document
from portal.core import sweeping
from portal.core.crypto import sha256
from portal.core.db import db, transaction
from portal.core.files import FileStore, StoredFile, Upload, save
from portal.core.kinds import PDF_ONLY
from portal.core.sweeping import GRACE, Swept, Unnamed
from portal.models import IN_STORE, metadata
from tests.factories.accounts import make_person
from tests.factories.bids import PDF, hand_in, make_bid, make_bid_challenge
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids

AT_ONCE = timedelta(0)
MINUTE = timedelta(minutes=1)
OTHERS = {
    "sign_in_sessions.token_sha256",
    "challenge_versions.sheet_sha256",
    "opening_keys.sha256",
    "partner_consents.text_sha256",
    "rankings.inputs_sha256",
    "allotment_scenarios.instance_sha256",
    "allotment_scenarios.result_sha256",
    "panels.minutes_sha256",
    "paper_readings.sha256",
    "pending_sign_ins.token_sha256",
    "recovery_codes.sha256",
}
"""Columns with digests of what is not in the store."""


@pytest.fixture
def folder(tmp_path: Path) -> FileStore:
    return FileStore(f"file://{tmp_path}", 1 << 20)


def sweep(store: FileStore, grace: timedelta = GRACE) -> Swept:
    return sweeping.sweep(store, IN_STORE, grace)


def lying_in(store: FileStore) -> list[str]:
    return sorted(path.rsplit("/", 1)[-1] for path, _ in store.found())


def age(session: Session, by: timedelta) -> None:
    """Let the notes be so much older."""
    session.execute(text("UPDATE store_unnamed SET seen_at = seen_at - :by"), {"by": by})
    session.commit()


def test_what_no_row_names_goes_a_day_after_it_was_found(
    session: Session, folder: FileStore, tmp_path: Path
) -> None:
    with transaction() as inside:
        kept = save(inside, folder, Upload(BytesIO(PDF), "方案.pdf"), make_person().id, PDF_ONLY)
    left = folder.put(b"nobody's")
    (tmp_path / f"{uuid4().hex}.part").write_bytes(b"broken off")
    assert sweep(folder) == Swept(0, 2)
    age(session, GRACE - MINUTE)
    assert sweep(folder) == Swept(0, 2)
    assert left in lying_in(folder)
    age(session, MINUTE)
    assert sweep(folder) == Swept(2, 0)
    assert lying_in(folder) == [kept.sha256]
    assert session.scalars(select(Unnamed)).all() == []
    assert sweep(folder) == Swept(0, 0)


def test_a_row_that_comes_later_keeps_its_bytes(session: Session, folder: FileStore) -> None:
    digest = folder.put(PDF)
    assert sweep(folder) == Swept(0, 1)
    facts = {"size": len(PDF), "media_type": "application/pdf", "name": "a.pdf"}
    session.add(StoredFile(sha256=digest, uploaded_by=make_person().id, **facts))
    session.commit()
    age(session, GRACE)
    assert sweep(folder) == Swept(0, 0)
    assert lying_in(folder) == [digest]


@pytest.mark.parametrize("again", ["put", "put_pieces"])
def test_what_is_written_again_is_found_anew(
    session: Session, folder: FileStore, tmp_path: Path, again: str
) -> None:
    digest = folder.put(PDF)
    os.utime(tmp_path / digest[:2] / digest, (1, 1))
    sweep(folder)
    age(session, GRACE)
    getattr(folder, again)(PDF if again == "put" else [PDF])
    assert sweep(folder) == Swept(0, 1)
    assert lying_in(folder) == [digest]


def test_nothing_goes_that_a_transaction_under_way_may_name(
    app: Flask, session: Session, folder: FileStore
) -> None:
    person = make_person().id
    session.commit()

    def under_way(begun: Barrier, swept: Barrier) -> None:
        with app.app_context(), transaction() as inside:
            save(inside, folder, Upload(BytesIO(PDF), "a.pdf"), person, PDF_ONLY)
            begun.wait(60)
            swept.wait(60)

    begun, swept = Barrier(2), Barrier(2)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(under_way, begun, swept)
        begun.wait(60)
        try:
            found = sweep(folder, AT_ONCE)
        finally:
            swept.wait(60)
        waiting.result(60)
    assert found == Swept(0, 1)
    assert sweep(folder, AT_ONCE) == Swept(0, 0)
    assert lying_in(folder) == [sha256(PDF)]


def test_of_bytes_that_are_put_while_they_are_removed_nothing_is_lost(
    folder: FileStore, tmp_path: Path
) -> None:
    digest = sha256(PDF)
    path = tmp_path / digest[:2] / digest
    with ThreadPoolExecutor(2) as pool:
        for number in range(60):
            folder.put(PDF)
            os.utime(path, (number + 1, number + 1))
            [(place, mark)] = folder.found()
            write = folder.put if number % 2 else lambda data: folder.put_pieces([data])
            if number < 2:  # between the sweeper's look and its removing
                write(PDF)
                assert not folder.remove(place, mark)
            else:
                removed = pool.submit(folder.remove, place, mark)
                pool.submit(write, PDF).result(60)
                removed.result(60)
            assert path.read_bytes() == PDF
            assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == [digest]


def test_a_removing_that_was_killed_is_undone(session: Session, folder: FileStore, tmp_path: Path):
    digest = folder.put(PDF)
    path = tmp_path / digest[:2] / digest
    path.rename(path.with_name(f"{digest}.aside"))
    assert sweep(folder) == Swept(0, 1)
    assert lying_in(folder) == [digest]


def test_another_database_sweeps_nothing(
    session: Session, folder: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "SURPRISING", 2)
    for number in range(3):
        folder.put(bytes([number]))
    assert sweep(folder, AT_ONCE) == Swept(0, 3)
    assert len(lying_in(folder)) == 3


def test_a_bid_keeps_its_bytes_and_at_the_opening_the_locked_ones_go(
    session: Session, store: FileStore
) -> None:
    bid = make_bid(challenge=make_bid_challenge(), partners=[])
    lead, closes_at = actor_of(session.get_one(Person, bid.started_by)), bid.challenge.closes_at
    session.commit()
    assert closes_at is not None
    put_document(lead, bid.id, Upload(BytesIO(PDF), "方案.pdf"), store, closes_at - MINUTE)
    hand_in(lead, bid.id, closes_at - MINUTE)
    left = store.put(b"nobody's")
    sweep(store, AT_ONCE)
    session.expire_all()
    document, sealed = bid.draft_file, bid.versions[0].ct_sha256 or ""
    assert document is not None
    locked = document.sha256
    assert [store.has(one) for one in (left, sealed, locked)] == [False, True, True]
    assert open_bids(actor_of(make_officer(bid.challenge)), bid.challenge_id, opens_at(closes_at))
    sweep(store, AT_ONCE)
    session.expire_all()
    assert [store.has(one) for one in (document.sha256, sealed, locked)] == [True, True, False]


@pytest.fixture
def objects() -> Iterator[FileStore]:
    """A store that cannot rename in one step."""
    name = uuid4().hex
    yield FileStore(f"memory://{name}", 1 << 20)
    fsspec.filesystem("memory").rm(f"/{name}", recursive=True)


def test_an_object_store_loses_only_what_nobody_can_write_twice(
    session: Session, objects: FileStore
) -> None:
    clear, sealed = objects.put(PDF), objects.put(b"JBSEAL\x00\x01 and so on")
    assert sweep(objects, AT_ONCE) == Swept(1, 1)
    assert (objects.has(clear), objects.has(sealed)) == (True, False)


def test_two_do_not_sweep_at_once(session: Session, folder: FileStore) -> None:
    folder.put(PDF)
    with db.engine.begin() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": sweeping.LOCK})
        assert sweep(folder, AT_ONCE) == Swept(0, 0)
    assert sweep(folder, AT_ONCE) == Swept(1, 0)


def test_every_column_with_a_digest_of_bytes_is_looked_at() -> None:
    """A column that is new, and called like a digest, is entered in IN_STORE, or known to be another."""
    looked_at = {f"{column.class_.__tablename__}.{column.key}" for column in IN_STORE}
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if "sha256" in column.name
    }
    assert looked_at <= found
    assert found - looked_at == OTHERS
