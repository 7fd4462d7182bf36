"""Handing a sealed bid in again: its manifest, its files, and then it is open like any other."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids import versions
from portal.bids.ceremony import contents, unsealing
from portal.bids.ceremony import queries as ceremony
from portal.bids.ceremony.rules import Has, NotInLog, NotTheLast, is_same
from portal.bids.models import Bid, BidVersion
from portal.bids.receipting.service import manifest_kept
from portal.bids.returning import policy, queries, rules
from portal.bids.returning.models import BidReturn
from portal.bids.returning.queries import Needed
from portal.bids.returning.rules import Sent
from portal.bids.strict.rules import UNREADABLE_CONTENT
from portal.core import files
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, InvalidInput
from portal.core.files import FileStore, StoredFile, Upload
from portal.core.sealing.envelope import Place
from portal.core.sealing.errors import SealingError
from portal.core.sealing.manifest import Manifest
from portal.core.words import N_

FIRST = N_("Bring the manifest first: it says which files belong to the bid.")


def _lock(session: Session, actor: Actor, bid_id: UUID, now: datetime) -> Bid:
    bid = bid_queries.lock(session, bid_id)
    bid_policy.may_lead(actor, bid).enforce()
    policy.may_return(actor, bid, queries.is_asked(session, bid, now)).enforce()
    return bid


def bring_manifest(actor: Actor, bid_id: UUID, data: bytes, now: datetime) -> BidReturn:
    """Take the manifest that the team kept, if its commitment is the one in the log.

    Raises NotFound, NotAllowed, IllegalMove; Invalid with what is wrong with it.
    """
    with transaction() as session:
        bid = _lock(session, actor, bid_id, now)
        return _take_manifest(session, actor, bid, data, now)


def bring_draft(actor: Actor, bid_id: UUID, now: datetime) -> BidReturn:
    """Make the manifest anew from the draft, if that still says what was handed in.

    Raises NotFound, NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        bid = _lock(session, actor, bid_id, now)
        data = manifest_kept(bid.versions[-1])
        if data is None:
            raise IllegalMove(N_("The draft was changed since: please bring the manifest."))
        return _take_manifest(session, actor, bid, data, now)


def _take_manifest(
    session: Session, actor: Actor, bid: Bid, data: bytes, now: datetime
) -> BidReturn:
    version = bid.versions[-1]
    place = Place.of_bid(str(bid.challenge_id), str(bid.id), version.number)
    found = rules.manifest(data, place, _commit_in_log(session, bid, version))
    _require_files(found)
    row = queries.of_version(session, version) or BidReturn(version_id=version.id)
    row.begun_by, row.begun_at = actor.user_id, now
    row.written = found.to_bytes().decode()
    session.add(row)
    session.flush()
    facts = {"version": version.number, "commit": version.commit}
    audit.record(session, actor, Action.BID_RETURN_BEGUN, bid.subject_ref, now, **facts)
    return row


def _require_files(found: Manifest) -> None:
    """Of a strict bid that was sealed elsewhere the portal has read nothing before."""
    try:
        versions.files_in(dict(found.fields))
    except UNREADABLE_CONTENT:
        raise Invalid("manifest", contents.Unreadable.words) from None


def _commit_in_log(session: Session, bid: Bid, version: BidVersion) -> str:
    """What the log committed to at the deadline; the portal's own row has to say the same."""
    said = ceremony.said_in_log(session, bid.challenge).get(bid.id)
    if said is None:
        raise IllegalMove(NotInLog.words)
    if not is_same(said, Has(version.number, version.ct_sha256, version.commit, True, False)):
        raise IllegalMove(NotTheLast.words)
    return said.commit


def bring_file(actor: Actor, bid_id: UUID, upload: Upload, now: datetime, store: FileStore) -> None:
    """Take a file that the manifest names, whatever it is called now: its hash decides.

    Raises NotFound, NotAllowed; Invalid with which file it is not, and why.
    """
    with transaction() as session:
        bid = _lock(session, actor, bid_id, now)
        row = queries.of_version(session, bid.versions[-1])
        if row is None:
            raise Invalid("files", FIRST)
        digest, size = files.digest_of(upload, store.limit, "files")
        wanted = queries.needed(session, row.manifest, store)
        sent = Sent(files.display_name(upload.name), size, digest)
        facts = rules.matching([one.facts for one in wanted], sent)
        for one in wanted:
            if one.facts.sha256 == facts.sha256 and not one.is_there:
                _keep(session, actor, one, upload, store)
        told = {"sha256": digest}
        audit.record(session, actor, Action.BID_FILE_RETURNED, bid.subject_ref, now, **told)


def _keep(session: Session, actor: Actor, wanted: Needed, upload: Upload, store: FileStore) -> None:
    """Locked, as a draft's file, until the bid is whole."""
    row = session.get(StoredFile, wanted.file_id)
    if row is None:
        row = StoredFile(id=wanted.file_id, uploaded_by=actor.user_id)
    elif row.sealed:
        session.add(files.sealed_aside(row))
    files.keep_locked(store, row, wanted.facts, files.pieces_of(upload))
    session.add(row)
    session.flush()


def hand_in(actor: Actor, bid_id: UUID, now: datetime, store: FileStore) -> BidVersion:
    """Every file is there: the version is open, and says to the byte what it said when it was sealed.

    Raises NotFound, NotAllowed, IllegalMove; InvalidInput with the files that are missing or damaged.
    """
    with transaction() as session:
        bid = _lock(session, actor, bid_id, now)
        version = bid.versions[-1]
        row = queries.of_version(session, version)
        if row is None:
            raise InvalidInput([Invalid("files", FIRST)])
        manifest = row.manifest
        _release(queries.needed(session, manifest, store), store)
        try:
            if bid.is_strict:
                contents.require_readable(manifest, bid, store)
            unsealing.keep(session, bid, manifest)
        except SealingError as error:
            raise IllegalMove(error.words) from None
        row.finished_at, row.written = now, None
        facts, ref = unsealing.named(version), bid.subject_ref
        audit.record(session, actor, Action.BID_RETURNED, ref, now, **facts)
        audit.record(session, SYSTEM, Action.BID_UNSEALED, ref, now, **facts)
    return version


def _release(wanted: list[Needed], store: FileStore) -> None:
    """The files' own bytes lie in the store, each checked once more. Raises InvalidInput."""
    missing = N_("%(name)s is not there yet.")
    damaged = N_("The portal's copy of %(name)s is damaged: please choose the file again.")
    problems = []
    for one in wanted:
        if one.row is None:
            problems.append(Invalid("files", missing, name=one.facts.name))
        elif not _is_released(one.row, one.facts.sha256, store):
            problems.append(Invalid("files", damaged, name=one.facts.name))
            store.delete(one.row.sha256)
    if problems:
        raise InvalidInput(problems)


def _is_released(row: StoredFile, sha256: str, store: FileStore) -> bool:
    try:
        return store.put_pieces(files.contents(store, row))[0] == sha256
    except (OSError, SealingError):
        return False
