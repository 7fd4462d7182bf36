"""What the worker does at the opening: every sealed bid is opened by itself, and can be tried again."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.bids import versions
from portal.bids.ceremony import contents, queries, rules
from portal.bids.ceremony.rules import Gone, Has, NotInLog, NotTheLast
from portal.bids.models import Bid, BidVersion
from portal.bids.receipts import Submission
from portal.bids.rules import BID_MOVES, BidState
from portal.challenges.models import Challenge
from portal.core import files
from portal.core.access import SYSTEM
from portal.core.db import db, transaction
from portal.core.errors import IllegalMove
from portal.core.failpoints import reach
from portal.core.files import FileStore, StoredFile
from portal.core.jobs import stored
from portal.core.outbox import Topic, announce
from portal.core.sealing.bid import open_bid
from portal.core.sealing.envelope import Fingerprint, Place
from portal.core.sealing.errors import FileChanged, SealingError
from portal.core.sealing.manifest import FileFacts, Manifest
from portal.core.tasks import Outcome, Task
from portal.core.words import N_, Message


def run(task: Task, store: FileStore) -> Outcome:
    """Open every bid that is still sealed, one a step. Raises IllegalMove, Stopped."""
    challenge = db.session.get_one(Challenge, UUID(task.parameters["challenge_id"]))
    code, challenge_id = challenge.code, challenge.id
    if not _is_finished(challenge_id):
        _open_all(task, challenge, store)
        reach("opening_end")
        _finish(task, challenge_id)
        reach("opening_told")
    opened, whole = queries.tally(db.session, challenge_id)
    return Outcome(_words(opened, whole), url=f"/challenges/{code}/opening")


def _is_finished(challenge_id: UUID) -> bool:
    """Whether a worker came to the end already, and was lost before it could say so."""
    opening = queries.opening_of(db.session, challenge_id)
    return opening is not None and opening.finished_at is not None


def _open_all(task: Task, challenge: Challenge, store: FileStore) -> None:
    private = key_of(challenge.id)
    said = queries.said_in_log(db.session, challenge)
    waiting = queries.sealed_bids(db.session, challenge.id)
    opened, whole = queries.tally(db.session, challenge.id)
    for number, (bid_id, lead) in enumerate(waiting, opened):
        task.step(number, whole, Message(N_("Opening the bid of %(lead)s"), {"lead": lead}))
        reach("opening_next")
        open_one(bid_id, private, said.get(bid_id), store, task.now)


def _words(opened: int, whole: int) -> Message:
    if opened == whole:
        return Message(N_("All %(count)s bids are open."), {"count": whole})
    some = N_("%(opened)s of %(count)s bids are open; the page says why the others are not.")
    return Message(some, {"opened": opened, "count": whole})


def key_of(challenge_id: UUID) -> X25519PrivateKey:
    """The key that two shares have made. Raises IllegalMove when it is not there any more."""
    opening = queries.opening_of(db.session, challenge_id)
    if opening is None or opening.key is None:
        raise IllegalMove(N_("The key is not there any more. Please enter two shares again."))
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(opening.key))


def _finish(task: Task, challenge_id: UUID) -> None:
    """Forget the key, and tell everybody."""
    with transaction() as session:
        task.hold(session)
        opening = queries.opening_of(session, challenge_id)
        if opening is not None:
            opening.key, opening.finished_at = None, task.now
        opened, _ = queries.tally(session, challenge_id)
        if opened:
            announce(session, Topic.BIDS_OPENED, challenge_id=challenge_id)


def open_one(
    bid_id: UUID,
    private: X25519PrivateKey,
    said: Submission | None,
    store: FileStore,
    now: datetime,
) -> None:
    """Open one bid, or keep why it does not open; one that is open already stays as it is."""
    bid = db.session.get_one(Bid, bid_id)
    if bid.state is not BidState.SUBMITTED:
        return
    try:
        manifest = _unsealed(bid, private, said, store)
        _keep(bid_id, manifest, now)
        reach("opening_kept")
    except SealingError as error:
        _keep_fault(bid_id, error, now)
    except OperationalError:
        raise  # the database is away: the task is tried again
    except DatabaseError:
        _keep_fault(bid_id, contents.Unreadable(), now)


def _keep(bid_id: UUID, manifest: Manifest, now: datetime) -> None:
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        if bid.state is not BidState.SUBMITTED:
            return
        version = keep(session, bid, manifest)
        audit.record(session, SYSTEM, Action.BID_UNSEALED, bid.subject_ref, now, **named(version))
        reach("opening_row")


def keep(session: Session, bid: Bid, manifest: Manifest) -> BidVersion:
    """Make the last version of a locked bid readable; the bytes of its files are in the store.

    Raises FileChanged.
    """
    version = bid.versions[-1]
    _keep_files(session, manifest, version)
    versions.fill(version, dict(manifest.fields), manifest.nonce)
    BID_MOVES.move(bid, "open")
    return version


def _unsealed(
    bid: Bid, private: X25519PrivateKey, said: Submission | None, store: FileStore
) -> Manifest:
    """The manifest of the version that the log says was handed in last, its files in the store."""
    version = bid.versions[-1]
    if said is None:
        raise NotInLog
    has = Has(version.number, version.ct_sha256, version.commit, True, False)
    if not rules.is_same(said, has) or version.ct_size is None:
        raise NotTheLast
    place = Place.of_bid(str(bid.challenge_id), str(bid.id), version.number)
    expected = Fingerprint(said.ct_sha256, version.ct_size)
    try:
        with store.open(said.ct_sha256) as source:
            bundle = open_bid(source, place, private, expected, said.commit)
            for _, pieces in bundle.files():
                store.put_pieces(pieces)
                reach("opening_file")
        contents.open_parts(bundle.manifest, private, store)
    except OSError:
        raise Gone from None
    if bid.is_strict:
        contents.require_readable(bundle.manifest, bid, store)
    return bundle.manifest


def _keep_files(session: Session, manifest: Manifest, version: BidVersion) -> None:
    """The rows of the files, readable from now on; a row of something else is left alone."""
    named = versions.files_in(dict(manifest.fields))
    if [facts for _, facts in named] != [replace(one, part=None) for one in manifest.files]:
        raise FileChanged
    if tuple(one.part for one in manifest.files if one.part) != tuple(
        version.sealed_parts.values()
    ):
        raise FileChanged
    rows = versions.kept_files(session, [file_id for file_id, _ in named])
    for file_id, facts in named:
        row = rows.get(file_id)
        if row is None:
            row = StoredFile(id=file_id, uploaded_by=version.submitted_by)
            session.add(row)
        elif not _is_row_of(row, facts, version):
            raise FileChanged(facts.name)
        elif row.sealed:
            session.add(files.sealed_aside(row))
        row.sha256, row.size, row.locked = facts.sha256, facts.size, None
        row.name, row.media_type = facts.name, facts.media_type
        row.sealed = False
    session.flush()


def _is_row_of(row: StoredFile, facts: FileFacts, version: BidVersion) -> bool:
    """Whether a row that is there is this file's: as a part of this version, or with the same hash."""
    if row.sealed:
        return row.id in version.sealed_parts
    return row.facts.sha256 == facts.sha256


def _keep_fault(bid_id: UUID, error: SealingError, now: datetime) -> None:
    words = Message(error.words)
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        if bid.state is not BidState.SUBMITTED:
            return
        bid.versions[-1].fault = stored(words)
        facts = {**named(bid.versions[-1]), "why": words.text}
        audit.record(session, SYSTEM, Action.BID_NOT_OPENED, bid.subject_ref, now, **facts)


def named(version: BidVersion) -> dict[str, object]:
    """Which bytes these were, for the log."""
    return {
        "version": version.number,
        "commit": version.commit,
        "ct_sha256": version.ct_sha256,
    }
