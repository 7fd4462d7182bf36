"""What is handed in: the manifest of a bid, sealed, and the version that says which bytes it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bids.models import Bid, BidVersion, StillSealed
from portal.bids.receipts import Submission
from portal.bids.sections.models import avoids_of, lines_of, members_of
from portal.bids.teams import queries as team_queries
from portal.bids.terms import BidTerms
from portal.core import files
from portal.core.access import Actor
from portal.core.db import Json
from portal.core.errors import Invalid, NotFound
from portal.core.files import FileStore, StoredFile
from portal.core.sealing.bid import seal_bid
from portal.core.sealing.envelope import HPKE_X25519_AES256GCM, Fingerprint
from portal.core.sealing.errors import SealingError
from portal.core.sealing.manifest import (
    FileFacts,
    Manifest,
    SealedPart,
    commitment,
    new_nonce,
)
from portal.core.words import N_

UNREADABLE = N_("A file of the bid cannot be read. Please attach it again: %(name)s")


def content_of(bid: Bid) -> Json:
    """All that the bid says now. Raises Invalid without a document."""
    document = bid.draft_file
    if document is None:
        raise Invalid("document", N_("Please attach the bid document (PDF)."))
    facts = document.facts
    return {
        "challenge_id": str(bid.challenge_id),
        "lead": {"id": str(bid.lead_id), "name": bid.lead.name},
        "partners": [team_queries.written(partner) for partner in bid.partners],
        "terms": bid.terms.to_json(),
        "document": {
            "file_id": str(document.id),
            "sha256": facts.sha256,
            "size": facts.size,
            "name": facts.name,
        },
    }


def files_in(content: Json) -> list[tuple[UUID, FileFacts]]:
    """The files that a content names, with the ids of their rows: the document, the attachments."""
    document = content["document"]
    size, digest = document["size"], document["sha256"]
    first = FileFacts(document["name"], "application/pdf", size, digest)
    found = [(UUID(document["file_id"]), first)]
    for one in BidTerms.from_json(content["terms"]).attachments:
        found.append((one.file_id, FileFacts(one.name, one.media_type, one.size, one.sha256)))
    return found


Parts = Mapping[UUID, SealedPart]
"""The files that were sealed before their bid, by the ids of their rows."""
NO_PARTS: Parts = {}


def manifest_of(
    bid: Bid, content: Json, number: int, nonce: bytes, parts: Parts = NO_PARTS
) -> Manifest:
    """The manifest of a version with this content and nonce."""
    named = tuple(replace(facts, part=parts.get(key)) for key, facts in files_in(content))
    return Manifest(str(bid.challenge_id), str(bid.id), number, nonce, content, named)


def is_still_said(bid: Bid, version: BidVersion) -> bool:
    """Whether the draft says what was handed in; of a sealed version only its commitment tells."""
    kept = version.kept_nonce
    nonce = bytes.fromhex(kept) if kept else version.nonce
    if nonce is None or bid.draft_file is None:
        return False
    manifest = manifest_of(bid, content_of(bid), version.number, nonce)
    return commitment(manifest.to_bytes()) == version.commit


@dataclass(frozen=True)
class Sealed:
    """The sealed bytes of a version, in the store, and its commitment."""

    envelope: Fingerprint
    commit: str
    nonce: bytes | None = None
    """To be kept as long as the draft says the same; in a strict challenge nothing is kept."""
    parts: tuple[SealedPart, ...] = ()


def seal(session: Session, bid: Bid, public_key: bytes, store: FileStore) -> Sealed:
    """Seal what the bid says now, for its next version. Raises Invalid for a file that is not whole.

    The files pass through in pieces: however large the bid, this needs the memory of a few chunks.
    """
    content, nonce = content_of(bid), new_nonce()
    manifest = manifest_of(bid, content, len(bid.versions) + 1, nonce)
    rows = kept_files(session, [file_id for file_id, _ in files_in(content)])
    homes = {facts: rows.get(file_id) for file_id, facts in files_in(content)}
    pieces = seal_bid(manifest, lambda facts: _read(store, facts, homes[facts]), public_key)
    digest, size = store.put_pieces(pieces)
    commit = commitment(manifest.to_bytes())
    return Sealed(Fingerprint(digest, size), commit, nonce)


def kept_files(session: Session, ids: Iterable[UUID]) -> dict[UUID, StoredFile]:
    """The rows of these files, by id; a row may be missing."""
    rows = session.scalars(select(StoredFile).where(StoredFile.id.in_(ids)))
    return {row.id: row for row in rows}


def _read(store: FileStore, facts: FileFacts, row: StoredFile | None) -> Iterator[bytes]:
    try:
        if row is None:
            raise NotFound
        yield from files.contents(store, row)
    except (OSError, SealingError, NotFound):
        raise Invalid("document", UNREADABLE, name=facts.name) from None


def add_sealed(
    session: Session,
    actor: Actor,
    bid: Bid,
    sealed: Sealed,
    stamp: datetime,
    request_key: str | None,
) -> BidVersion:
    """Keep a version whose bytes are in the store; what it says nobody can read from here on."""
    for version in bid.versions:
        version.kept_nonce = None  # what was replaced is nobody's business any more
    made = BidVersion(
        bid=bid,
        number=len(bid.versions) + 1,
        submitted_by=actor.user_id,
        submitted_at=stamp,
        request_key=None
        if request_key in {one.request_key for one in bid.versions}
        else request_key,
        commit=sealed.commit,
        ct_sha256=sealed.envelope.sha256,
        ct_size=sealed.envelope.size,
        suite=HPKE_X25519_AES256GCM,
        kept_nonce=sealed.nonce.hex() if sealed.nonce else None,
        parts=[{"id": one.id, **vars(one.sealed)} for one in sealed.parts],
        answers=bid.challenge.amended,
    )
    session.add(made)
    session.flush()
    return made


def submission_of(version: BidVersion) -> Submission:
    """What the receipt and the log say of a version that was sealed. Raises StillSealed for another."""
    if version.ct_sha256 is None:
        raise StillSealed
    challenge, bid = str(version.bid.challenge_id), str(version.bid_id)
    parts = tuple(one["sha256"] for one in version.parts)
    return Submission(challenge, bid, version.number, version.ct_sha256, parts, version.commit)


def add_open(
    session: Session, actor: Actor, bid: Bid, content: Json, stamp: datetime, store: FileStore
) -> BidVersion:
    """Keep a version that is handed in after the opening, readable at once."""
    nonce, number = new_nonce(), len(bid.versions) + 1
    for row in kept_files(session, [file_id for file_id, _ in files_in(content)]).values():
        files.release(store, row)
    made = BidVersion(
        bid=bid,
        number=number,
        submitted_by=actor.user_id,
        submitted_at=stamp,
        commit=commitment(manifest_of(bid, content, number, nonce).to_bytes()),
        answers=bid.challenge.amended,
    )
    fill(made, content, nonce)
    session.add(made)
    session.flush()
    return made


def fill(version: BidVersion, content: Json, nonce: bytes) -> None:
    """Make a version readable: what it says, its document, its money and its names row by row."""
    version.manifest, version.nonce, version.kept_nonce = content, nonce, None
    version.file_id = UUID(content["document"]["file_id"])
    terms = BidTerms.from_json(content["terms"])
    version.lines, version.members = lines_of(terms), members_of(terms)
    version.avoids = avoids_of(terms)
    version.fault = None
