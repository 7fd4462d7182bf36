"""The files of a draft: locked, or in a strict challenge sealed at once to its opening key."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids import versions
from portal.bids.models import Bid, BidVersion
from portal.challenges.keys import queries as keys
from portal.core import files
from portal.core.db import Json
from portal.core.files import FileStore, Sealer, StoredFile, Upload
from portal.core.sealing.bid import seal_part
from portal.core.sealing.envelope import Fingerprint
from portal.core.sealing.manifest import Manifest, SealedPart


def save(
    session: Session,
    store: FileStore,
    bid: Bid,
    upload: Upload,
    by: UUID,
    accepted: frozenset[str],
    field: str,
) -> StoredFile:
    """Check and keep a file of a draft. Raises Invalid; IllegalMove while there is no key to seal to."""
    if not bid.is_strict:
        return files.save(session, store, upload, by, accepted, field, locks=True)
    public_key = keys.public_key(session, bid.challenge_id)
    return files.save(session, store, upload, by, accepted, field, seals=_sealer(bid, public_key))


def _sealer(bid: Bid, public_key: bytes) -> Sealer:
    challenge, own = str(bid.challenge_id), str(bid.id)
    return lambda content, row: seal_part(content, challenge, own, str(row), public_key)


def forget(session: Session, ids: Iterable[UUID]) -> None:
    """Keep no longer what these files are, as far as they are sealed."""
    for stored in versions.kept_files(session, ids).values():
        files.forget(stored)


def named_in(session: Session, content: Json) -> dict[UUID, SealedPart]:
    """The parts that a content names, by the ids of their rows."""
    rows = versions.kept_files(session, [file_id for file_id, _ in versions.files_in(content)])
    return {
        key: SealedPart(str(key), Fingerprint(row.sha256, row.size))
        for key, row in rows.items()
        if row.sealed
    }


def still_there(
    session: Session, store: FileStore, version: BidVersion, manifest: Manifest
) -> dict[UUID, StoredFile]:
    """The rows of a version's parts that the manifest names and whose sealed bytes are in the store.

    Only what the version holds: a manifest that was written elsewhere cannot name another's file.
    """
    named = {file.part for file in manifest.files}
    said = {key: part for key, part in version.sealed_parts.items() if part in named}
    rows = versions.kept_files(session, said)
    return {
        key: row
        for key, row in rows.items()
        if row.sealed and row.sha256 == said[key].sealed.sha256 and store.has(row.sha256)
    }
