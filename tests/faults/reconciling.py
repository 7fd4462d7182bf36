"""After the kills: receipts, bids, files and the log agree, and nothing is half."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import checkpoints, queries
from portal.audit.models import Entry, Numbered, TreeNode, Waiting
from portal.audit.notes import verifier_key
from portal.audit.rules import Action, Occasion
from portal.audit.tree import Edge
from portal.bids import versions
from portal.bids.ceremony import queries as ceremony
from portal.bids.ceremony.models import Opening
from portal.bids.models import Bid, BidVersion
from portal.bids.receipts import verify
from portal.bids.rules import BidState
from portal.challenges.models import Challenge
from portal.core import clock, sweeping
from portal.core.db import db
from portal.core.files import FileStore
from portal.core.outbox import Event, Topic
from portal.core.signing import Signer
from portal.models import IN_STORE
from tests.faults.teams import Acknowledged
from tests.waiting import until


@dataclass(frozen=True)
class Books:
    """What was compared, and how many orphans were in the store before it was swept."""

    receipts: int
    versions: int
    entries: int
    files: int
    orphans: int


def reconciled(store: FileStore, signer: Signer, told: Iterable[Acknowledged]) -> Books:
    """Compare everything with everything; nobody hands in meanwhile."""
    session, acknowledged = db.session, list(told)
    session.expire_all()
    _receipts(session, store, signer, acknowledged)
    found = _versions(session, acknowledged)
    entries = _log(session, signer)
    orphans, files = _files(session, store)
    session.rollback()
    return Books(len(acknowledged), found, entries, files, orphans)


def _receipts(
    session: Session, store: FileStore, signer: Signer, told: Iterable[Acknowledged]
) -> None:
    """Every receipt that somebody has holds, and its version and its bytes are there."""
    public = verifier_key(signer.name, signer.key)
    for one in told:
        said = verify(one.receipt, public)
        place = BidVersion.bid_id == one.bid_id, BidVersion.number == one.number
        version = session.scalars(select(BidVersion).where(*place)).one()
        assert versions.submission_of(version) == said
        assert version.request_key == one.key
        assert store.has(said.ct_sha256)


def _versions(session: Session, told: Iterable[Acknowledged]) -> int:
    """What was handed in is what was acknowledged, in whole rows, with one entry in the log each, and
    one event for those who are to be told."""
    acknowledged = {(one.bid_id, one.number) for one in told}
    rows = session.scalars(select(BidVersion).order_by(BidVersion.bid_id, BidVersion.number)).all()
    assert {(row.bid_id, row.number) for row in rows} == acknowledged
    numbers: dict[UUID, list[int]] = {}
    for row in rows:
        numbers.setdefault(row.bid_id, []).append(row.number)
        entry = session.get_one(Entry, row.entry_id)
        assert entry.payload == versions.submission_of(row).payload()
        assert (entry.kind, entry.at) == (Action.BID_SUBMITTED.value, row.submitted_at)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    submitted = select(func.count()).where(Entry.kind == Action.BID_SUBMITTED.value)
    announced = select(Event.payload).where(Event.topic == Topic.BID_SUBMITTED.value)
    assert session.scalar(submitted) == len(rows)
    assert sorted(one["version_id"] for one in session.scalars(announced)) == sorted(
        str(row.id) for row in rows
    )
    return len(rows)


def _log(session: Session, signer: Signer) -> int:
    """Numbers without gaps, every entry has one, the tree is that of the checkpoint."""
    session.rollback()
    made = checkpoints.make(signer, Occasion.REGULAR, clock.now(session))
    assert made is not None
    seqs = session.scalars(select(Numbered.seq).order_by(Numbered.seq)).all()
    assert list(seqs) == list(range(made.size))
    assert session.scalar(select(func.count()).select_from(Entry)) == made.size
    assert session.scalars(select(Waiting)).all() == []
    edge, nodes = Edge(), 0
    for entry, leaf in queries.numbered(session, 0, made.size):
        assert entry.hash() == leaf
        nodes += len(edge.append(leaf))
    assert edge.root() == made.root
    assert session.scalar(select(func.count()).select_from(TreeNode)) == nodes
    return made.size


def _files(session: Session, store: FileStore) -> tuple[int, int]:
    """Every file that a row names is there and whole; after the sweep there is no other."""
    session.rollback()
    before = len(list(store.found()))
    until(lambda: sweeping.sweep(store, IN_STORE, timedelta(0)).waiting == 0, "all is swept", 30)
    there = {path.rsplit("/", 1)[-1] for path, _ in store.found()}
    named = {one for column in IN_STORE for one in session.scalars(select(column)) if one}
    assert there == named
    for digest in there:
        with store.open(digest) as source:
            assert hashlib.file_digest(source, "sha256").hexdigest() == digest
    return before - len(there), len(there)


def opened(challenge_id: UUID, store: FileStore) -> int:
    """Every bid that was handed in is open, once; the ceremony's own report agrees; the key is gone."""
    session = db.session
    session.expire_all()
    challenge = session.get_one(Challenge, challenge_id)
    report = ceremony.report(session, challenge, store)
    assert report.agrees, report
    bids = session.scalars(select(Bid).where(Bid.challenge_id == challenge_id)).all()
    assert {bid.state for bid in bids} == {BidState.OPENED}
    kinds = Counter(
        session.execute(
            select(Entry.kind, Entry.subject_ref).where(
                Entry.subject_ref.in_([challenge.subject_ref, *(bid.subject_ref for bid in bids)])
            )
        ).all()
    )
    for bid in bids:
        assert kinds[Action.BID_UNSEALED.value, bid.subject_ref] == 1
        for stored in (bid.versions[-1].document, bid.draft_file):
            assert stored is not None
            assert store.has(stored.sha256)
        assert bid.versions[-1].document.locked is None
    assert kinds[Action.BIDS_OPENED.value, challenge.subject_ref] == 1
    ceremony_row = session.scalars(
        select(Opening).where(Opening.challenge_id == challenge_id)
    ).one()
    assert (ceremony_row.key, ceremony_row.finished_at is not None) == (None, True)
    session.rollback()
    return len(bids)
