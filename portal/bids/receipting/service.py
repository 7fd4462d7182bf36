"""Issuing a receipt: the version, its entry in the log, and the proof that the entry is there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.proofs import cover, proof_of
from portal.bids import receipts, versions
from portal.bids.models import BidVersion
from portal.bids.receipts import Proven
from portal.core.errors import NotFound
from portal.core.signing import Signer

Receipt = dict[str, object]


def prepare(session: Session, bid_id: UUID, number: int, signer: Signer, now: datetime) -> None:
    """Have the proof of a version ready before a page reads its bid, which it would read twice: the
    checkpoint is a transaction of its own."""
    query = select(BidVersion.entry_id).where(BidVersion.bid_id == bid_id)
    entry_id = session.scalar(query.where(BidVersion.number == number))
    if entry_id is not None:
        cover(session, entry_id, signer, now)


def receipt_of(session: Session, version: BidVersion, signer: Signer, now: datetime) -> Receipt:
    """The signed receipt of a version that was sealed: the same, however often it is asked for.

    Only what is committed has a proof, so this is never within a transaction. Raises NotFound for a
    version that was not sealed.
    """
    if version.ct_sha256 is None or version.entry_id is None:
        raise NotFound
    submission = versions.submission_of(version)
    proof = proof_of(session, version.entry_id, signer, now)
    proven = Proven(proof.hashes, proof.checkpoint)
    return receipts.issue(submission, proof.leaf, proven, signer.name, signer.key)


def manifest_kept(version: BidVersion) -> bytes | None:
    """The manifest's bytes as long as somebody can make them: from the draft that still says the same,
    or from what was opened."""
    bid = version.bid
    if version.is_open and version.nonce is not None:
        facts = version.number, version.nonce, version.sealed_parts
        return versions.manifest_of(bid, version.fields, *facts).to_bytes()
    if not versions.is_still_said(bid, version):
        return None
    nonce = bytes.fromhex(version.kept_nonce)
    return versions.manifest_of(bid, versions.content_of(bid), version.number, nonce).to_bytes()
