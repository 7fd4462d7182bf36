"""Checking a receipt that somebody brings: by itself, as anybody can, and against the log of today."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry, Numbered
from portal.audit.notes import VerifierKey, open_checkpoint, verifier_key
from portal.bids import receipts
from portal.bids.receipts import KIND, ReceiptError, Submission
from portal.core.signing import Signer
from portal.core.words import N_

LARGEST = 64 << 10
"""Bytes of a receipt; it has two or three thousand."""
MOST_DIGITS = 18


@dataclass(frozen=True)
class Verdict:
    """What came of it: the submission if the receipt holds, or why it does not."""

    submission: Submission | None = None
    at: datetime | None = None
    index: int = 0
    size: int = 0
    """How many entries the log had at the receipt's checkpoint."""
    in_log: bool = False
    """Whether the log of today has the same entry at this place."""
    why: str = ""

    @property
    def holds(self) -> bool:
        """Whether the receipt is right, and the log still says so."""
        return self.submission is not None and self.in_log


def read(text: str) -> Mapping[str, Any]:
    """The JSON that was pasted. Raises ReceiptError."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ReceiptError(N_("This is not a receipt: no JSON.")) from None
    if not isinstance(found, dict):
        raise ReceiptError(receipts.NO_RECEIPT)
    return found


def checked(session: Session, text: str, signer: Signer) -> Verdict:
    """The verdict on a receipt as it was pasted."""
    key: VerifierKey = verifier_key(signer.name, signer.key)
    try:
        receipt = read(text)
        submission = receipts.verify(receipt, key)
    except ReceiptError as error:
        return Verdict(why=str(error))
    index, leaf = receipt["index"], receipts.leaf_of(receipt)
    stored = session.scalar(select(Numbered.leaf).where(Numbered.seq == index))
    size = open_checkpoint(receipt["checkpoint"], key).size
    return Verdict(submission, datetime.fromisoformat(receipt["at"]), index, size, stored == leaf)


@dataclass(frozen=True)
class Found:
    """What the log says at a place that was scanned from paper."""

    index: int
    at: datetime | None
    """When the submission was accepted; None when there is no such submission at this place."""


def scanned(session: Session, index: str, commit: str) -> Found | None:
    """Whether entry `index` is a submission with this fingerprint; None when nothing was scanned."""
    if not index.isdigit() or len(index) > MOST_DIGITS or not commit:
        return None
    at = session.scalar(
        select(Entry.at)
        .join(Numbered, Numbered.entry_id == Entry.id)
        .where(
            Numbered.seq == int(index),
            Entry.kind == KIND,
            Entry.payload["commit"].astext == commit,
        )
    )
    return Found(int(index), at)
