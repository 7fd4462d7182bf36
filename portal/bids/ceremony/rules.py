"""What the log says was handed in, what the portal has of it, and where the two differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.bids.receipts import Submission
from portal.core.sealing.errors import SealingError
from portal.core.words import N_


class NotInLog(SealingError):
    """The portal has a bid of which the log knows nothing."""

    words = N_("The log has no entry for this bid.")


class NotTheLast(SealingError):
    """The portal has another version than the log says was handed in last."""

    words = N_("This is not the version that the log says was handed in last.")


class Gone(SealingError):
    """The sealed bytes are not in the store."""

    words = N_("The sealed bytes are not where they were kept.")


SUBMITTED, WITHDRAWN = "bid.submitted", "bid.withdrawn"


@dataclass(frozen=True)
class Said:
    """One entry of the log: which bid, what happened, and what it says."""

    bid_id: UUID
    kind: str
    payload: Mapping[str, str]


def expected(entries: Iterable[Said]) -> dict[UUID, Submission]:
    """What is to be opened, by bid: the last submission that was not taken back after it."""
    found: dict[UUID, Submission] = {}
    for one in entries:
        if one.kind == WITHDRAWN:
            found.pop(one.bid_id, None)
        elif one.kind == SUBMITTED:
            found[one.bid_id] = _submission(one.payload)
    return found


def _submission(payload: Mapping[str, str]) -> Submission:
    return Submission(
        payload["challenge"],
        payload["bid"],
        int(payload["version"]),
        payload["ct_sha256"],
        tuple(payload["parts"].split()),
        payload["commit"],
    )


@dataclass(frozen=True)
class Has:
    """What the portal has of a bid: its last version, the bytes, how far it came."""

    version: int
    ct_sha256: str | None
    commit: str
    is_there: bool
    """Whether the sealed bytes are in the store."""
    is_open: bool


@dataclass(frozen=True)
class Report:
    """How receipts, sealed bytes and opened bids agree; the sets hold bids."""

    receipts: int
    """Bids for which the log has a submission that stands."""
    sealed: int
    """Of those, how many have the log's version and its bytes."""
    opened: int
    missing: frozenset[UUID]
    """In the log, and not in the portal."""
    unknown: frozenset[UUID]
    """In the portal, and not in the log."""
    differing: frozenset[UUID]
    """In both, as another version, with other bytes or without."""

    @property
    def agrees(self) -> bool:
        """Whether every receipt has its bytes, every bid is open, and there is none too many."""
        return self.receipts == self.sealed == self.opened and not self.unknown


def reconciled(said: Mapping[UUID, Submission], has: Mapping[UUID, Has]) -> Report:
    """The report, from the log's side and the portal's."""
    both = said.keys() & has.keys()
    same = {key for key in both if has[key].is_there and is_same(said[key], has[key])}
    return Report(
        receipts=len(said),
        sealed=len(same),
        opened=sum(has[key].is_open for key in same),
        missing=frozenset(said.keys() - has.keys()),
        unknown=frozenset(has.keys() - said.keys()),
        differing=frozenset(both - same),
    )


def is_same(said: Submission, has: Has) -> bool:
    """Whether the portal's version is the one of the log."""
    told = said.version, said.ct_sha256, said.commit
    return told == (has.version, has.ct_sha256, has.commit)
