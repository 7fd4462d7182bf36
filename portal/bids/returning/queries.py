"""Reads about bids that are handed in again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bids import versions
from portal.bids.losses import queries as losses
from portal.bids.models import Bid, BidVersion
from portal.bids.returning.models import BidReturn
from portal.bids.unopened.queries import was_taken_up
from portal.core.files import FileStore, StoredFile
from portal.core.locking import Locked
from portal.core.sealing.manifest import FileFacts, Manifest


def is_asked(session: Session, bid: Bid, now: datetime) -> bool:
    """Whether this bid is to be handed in again at `now`."""
    by_loss = losses.takes_returns(session, bid.challenge_id, now)
    return by_loss or was_taken_up(session, bid.id)


def of_version(session: Session, version: BidVersion) -> BidReturn | None:
    """How far handing in again has come."""
    query = select(BidReturn).where(BidReturn.version_id == version.id)
    return session.scalars(query).one_or_none()


@dataclass(frozen=True)
class Needed:
    """A file of the manifest: the id of its row, what it is, and its bytes if they are there."""

    file_id: UUID
    facts: FileFacts
    row: StoredFile | None

    @property
    def is_there(self) -> bool:
        """Whether the portal has it, as it was handed in."""
        return self.row is not None


def needed(session: Session, manifest: Manifest, store: FileStore) -> list[Needed]:
    """The files of a manifest, in its order."""
    named = versions.files_in(dict(manifest.fields))
    rows = versions.kept_files(session, [file_id for file_id, _ in named])
    return [
        Needed(file_id, facts, _right(rows.get(file_id), facts, store)) for file_id, facts in named
    ]


def _right(row: StoredFile | None, facts: FileFacts, store: FileStore) -> StoredFile | None:
    """The row, if it is this file and its bytes lie in the store; what was sealed nobody can read."""
    if row is None or row.sealed or not store.has(row.sha256):
        return None
    try:
        kept = row.facts
    except Locked:
        return None
    return row if (kept.sha256, kept.size) == (facts.sha256, facts.size) else None
