"""Numbers for what is logged: one numbering at a time takes what is committed out of the queue.

An act does not wait for another's disk; a number is given after the commit, in the order of arrival,
always the next one. So there are no gaps, and no number appears below one that a reader has seen.
"""

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from portal.audit.leaves import Leaf, stamp
from portal.audit.models import Entry, Numbered, Waiting
from portal.core.failpoints import reach

LOG_LOCK = 0x6A62_6C6F_67
"""Advisory lock of who numbers, or makes a checkpoint."""
BATCH = 1000
"""Entries that are numbered by one statement."""


def hold(session: Session) -> None:
    """Wait until nobody else numbers, and keep everybody from it until the commit."""
    session.execute(select(func.pg_advisory_xact_lock(LOG_LOCK)))


def try_hold(session: Session) -> bool:
    """The same, unless somebody else is at it."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(LOG_LOCK))))


def size(session: Session) -> int:
    """How many entries have a number."""
    last = session.scalar(select(func.max(Numbered.seq)))
    return 0 if last is None else last + 1


def number_batch(session: Session) -> int:
    """Number what waits, at most BATCH entries, for whoever holds the lock; returns how many."""
    waiting = (
        select(Entry.id, Entry.at, Entry.kind, Entry.subject_ref, Entry.digest)
        .join(Waiting, Waiting.entry_id == Entry.id)
        .order_by(Waiting.entry_id)
        .limit(BATCH)
    )
    found = session.execute(waiting).all()
    if found:
        rows = []
        for seq, (entry_id, at, kind, subject, digest) in enumerate(found, size(session)):
            leaf = Leaf(seq, stamp(at), kind, subject, digest).hash()
            rows.append({"seq": seq, "entry_id": entry_id, "leaf": leaf})
        session.execute(insert(Numbered), rows)
        reach("numbering")
        done = Waiting.entry_id.in_([row["entry_id"] for row in rows])
        session.execute(delete(Waiting).where(done).execution_options(synchronize_session=False))
    return len(found)


def number_all(session: Session) -> None:
    """Number all that waits, for whoever holds the lock."""
    while number_batch(session) == BATCH:
        pass


def number_if_free(session: Session) -> bool:
    """Number a batch unless somebody else is at it; whether more may wait. The caller commits."""
    return try_hold(session) and number_batch(session) == BATCH
