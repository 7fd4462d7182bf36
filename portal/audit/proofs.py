"""Proof of one entry, for whoever needs it at once: a receipt."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from portal.audit import checkpoints, queries
from portal.audit.leaves import Leaf
from portal.audit.rules import Occasion
from portal.core.signing import Signer


class Proof(NamedTuple):
    """An entry (`leaf.seq`, `leaf.facts()`), the hashes up to the root, and a signed checkpoint."""

    leaf: Leaf
    hashes: list[bytes]
    checkpoint: str


def cover(session: Session, entry_id: int, signer: Signer, now: datetime) -> None:
    """Number a committed entry at once and make a checkpoint that has it, if there is none.

    Never within a transaction: it has its own, after which what was read before is read again.
    """
    if queries.covered(session, entry_id) is None:
        checkpoints.make(signer, Occasion.RECEIPT, now)


def proof_of(session: Session, entry_id: int, signer: Signer, now: datetime) -> Proof:
    """The proof of a committed entry: always the same for the same entry.

    Covers it if need be, so never within a transaction. Raises LookupError when there is no such entry.
    """
    found = queries.covered(session, entry_id)
    if found is None:
        checkpoints.make(signer, Occasion.RECEIPT, now)
        found = queries.covered(session, entry_id)
    if found is None:
        raise LookupError(f"no entry {entry_id} in the log")
    return Proof(found.leaf, queries.inclusion(session, found.leaf.seq, found.size), found.note)
