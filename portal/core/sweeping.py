"""The store is swept: what a crash left in it, and what nobody needs any more, goes after a day.

Bytes are written before the row that names them is committed; so what no row names may be named in a
moment. It is noted with its mark, and removed a day later if it is still unnamed and was not written
again. Whoever wrote it began before the note: when no transaction is that old, nobody will name it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, delete, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from portal.core.db import Base, transaction
from portal.core.files import DIGEST, FileStore

log = logging.getLogger(__name__)
GRACE = timedelta(hours=24)
"""How long something lies in the store unnamed, by the database's real time."""
LOCK = 0x6A62_7377_6565_70
"""Advisory lock of who sweeps."""
BATCH = 1000
SURPRISING = 1000
"""When more than so many are to go, and more than are named, rather the database is the wrong one."""
Columns = Sequence[InstrumentedAttribute[Any]]
"""Columns with the digests of what must be in the store: all that there are."""
_OLDEST = text(
    "SELECT min(xact_start) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend'"
    " AND pid <> pg_backend_pid()"
)


class Unnamed(Base):
    """Something in the store that no row names: its path, its mark, since when, in real time."""

    __tablename__ = "store_unnamed"

    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    mark: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


@dataclass(frozen=True)
class Swept:
    """What came of it: how many are gone, and how many unnamed ones are left for now."""

    removed: int
    waiting: int


def sweep(store: FileStore, columns: Columns, grace: timedelta = GRACE) -> Swept:
    """Note what no row names, and remove what was noted `grace` ago; nothing while another sweeps."""
    with transaction() as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
            return Swept(0, 0)
        store.put_back()
        there = dict(store.found())
        unnamed = _unnamed(session, there, columns)
        _note(session, unnamed)
        due = _due(session, grace)
        if len(due) > max(SURPRISING, len(there) - len(unnamed)):
            log.critical(
                "%s files of the store are unknown to this database: none is removed", len(due)
            )
            return Swept(0, len(unnamed))
        gone = [path for path in due if store.remove(path, unnamed[path])]
        _forget(session, gone)
    return Swept(len(gone), len(unnamed) - len(gone))


def _unnamed(session: Session, there: Mapping[str, str], columns: Columns) -> dict[str, str]:
    digests = {path: path.rsplit("/", 1)[-1] for path in there}
    asked = sorted({digest for digest in digests.values() if DIGEST.fullmatch(digest)})
    named = {
        digest
        for some in _batches(asked)
        for column in columns
        for digest in session.scalars(select(column).where(column.in_(some)))
    }
    return {path: there[path] for path, digest in digests.items() if digest not in named}


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]


def _note(session: Session, unnamed: Mapping[str, str]) -> None:
    """What is unnamed for the first time, or was written again, is noted from now on."""
    known = dict(session.execute(select(Unnamed.path, Unnamed.mark)).all())
    _forget(session, [path for path, mark in known.items() if unnamed.get(path) != mark])
    new = [Unnamed(path=p, mark=m) for p, m in unnamed.items() if known.get(p) != m]
    session.add_all(new)
    session.flush()


def _forget(session: Session, paths: Sequence[str]) -> None:
    for some in _batches(paths):
        session.execute(delete(Unnamed).where(Unnamed.path.in_(some)))


def _due(session: Session, grace: timedelta) -> list[str]:
    """What was noted so long ago; nothing when a transaction is under way that is older."""
    before = session.execute(select(func.clock_timestamp())).scalar_one() - grace
    oldest = session.scalar(_OLDEST)
    if oldest is not None and oldest <= before:
        log.warning("a transaction is under way since %s: nothing is swept", oldest)
        return []
    return list(session.scalars(select(Unnamed.path).where(Unnamed.seen_at <= before)))


def waiting(session: Session) -> tuple[int, int]:
    """How many files are noted, and how many of them should have been removed a day ago."""
    late = Unnamed.seen_at <= func.clock_timestamp() - 2 * GRACE
    query = select(func.count(), func.count().filter(late)).select_from(Unnamed)
    noted, overdue = session.execute(query).one()
    return noted, overdue
