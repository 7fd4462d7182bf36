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


def proof_of(session: Session, entry_id: int, signer: Signer, now: datetime) -> Proof:
    """The proof of a committed entry: always the same for the same entry.

    Numbers at once and makes a checkpoint if none covers the entry; so it must not be called within a
    transaction. Raises LookupError when there is no such entry.
    """
    found = queries.covered(session, entry_id)
    if found is None:
        checkpoints.make(signer, Occasion.RECEIPT, now)
        found = queries.covered(session, entry_id)
    if found is None:
        raise LookupError(f"no entry {entry_id} in the log")
    return Proof(found.leaf, queries.inclusion(session, found.leaf.seq, found.size), found.note)
