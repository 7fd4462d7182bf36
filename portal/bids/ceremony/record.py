"""The record of an opening: with it anybody checks that the bids opened are those of the deadline.

The form is in docs/verification.md. Who handed a bid in stands in the payload of its submission, so the
record has the digest of that alone: its holder's receipt has the rest.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from portal.audit import queries as log
from portal.audit.leaves import Leaf
from portal.audit.models import Published
from portal.audit.rules import Action
from portal.bids.ceremony import queries
from portal.bids.receipts import Submission
from portal.challenges.models import Challenge

FORM = "jiebang-opening-v1"
RESULTS = Action.BID_UNSEALED, Action.BID_NOT_OPENED
Facts = dict[str, Any]


class Shown(NamedTuple):
    """What the log says under one checkpoint."""

    session: Session
    checkpoint: Published

    def last(self, subject: str, *actions: Action) -> Leaf | None:
        """The last entry of these kinds about a subject."""
        found = log.about(self.session, [subject], actions, self.checkpoint.size)
        return found[-1] if found else None

    def by_subject(self, subjects: Iterable[str], *actions: Action) -> dict[str, list[Leaf]]:
        """All entries of these kinds, by subject."""
        found: dict[str, list[Leaf]] = {}
        for one in log.about(self.session, subjects, actions, self.checkpoint.size):
            found.setdefault(one.subject, []).append(one)
        return found

    def proven(self, entry: Leaf) -> Facts:
        """An entry with its proof."""
        proof = log.inclusion(self.session, entry.seq, self.checkpoint.size)
        return {"entry": entry.facts(), "proof": [one.hex() for one in proof]}


def has_record(session: Session, challenge: Challenge) -> bool:
    """Whether the last public checkpoint covers the opening, so that there is a record of it."""
    return _moments(session, challenge) is not None


def _moments(session: Session, challenge: Challenge) -> tuple[Shown, Leaf, Leaf] | None:
    """The entries of the count and of the opening, under the last public checkpoint."""
    checkpoint = log.last_public(session)
    if checkpoint is None or challenge.opened_at is None:
        return None
    shown = Shown(session, checkpoint)
    counted = shown.last(challenge.subject_ref, Action.BIDS_COUNTED)
    opened = shown.last(challenge.subject_ref, Action.BIDS_OPENED)
    return (shown, counted, opened) if counted and opened else None


def record_of(session: Session, challenge: Challenge) -> Facts | None:
    """The record under the last public checkpoint; None until that covers the opening."""
    found = _moments(session, challenge)
    if found is None:
        return None
    shown, counted, opened = found
    return {
        "form": FORM,
        "challenge": str(challenge.id),
        "code": challenge.code,
        "counted": shown.proven(counted),
        "opened": shown.proven(opened),
        "bids": _bids(shown, queries.said_in_log(session, challenge).values()),
        "checkpoint": shown.checkpoint.note,
    }


def _bids(shown: Shown, said: Iterable[Submission]) -> list[Facts]:
    """What the log says of each bid, in the order of the fingerprints."""
    by_bid = {f"bid:{one.bid}": one for one in sorted(said, key=lambda one: one.commit)}
    submitted = shown.by_subject(by_bid, Action.BID_SUBMITTED)
    results = shown.by_subject(by_bid, *RESULTS)
    return [
        {
            "bid": one.bid,
            "version": one.version,
            "commit": one.commit,
            "ct_sha256": one.ct_sha256,
            "submitted": shown.proven(submitted[subject][-1].erased()),
            "result": shown.proven(results[subject][-1]) if subject in results else None,
        }
        for subject, one in by_bid.items()
    ]
