"""Locking anew what lies under an older master key, in batches that may be stopped after any.

What is locked is found by the models themselves: every LockedJson attribute, and the bytes of every
file whose row has one. Each batch looks at every row, so that a second run goes on where one ended.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.db import Base, transaction
from portal.core.files import FileStore, StoredFile
from portal.core.locking import Locked, LockedJson, Where, lock
from portal.core.sealing.errors import SealingError

BATCH = 100


class Kept(NamedTuple):
    """A column that holds locked things."""

    model: Any
    column: str

    def __str__(self) -> str:
        return f"{self.model.__tablename__}.{self.column}"


class Step(NamedTuple):
    """One batch: things seen, locked anew, and the places of what opens with no key."""

    seen: int
    locked: int
    lost: Sequence[str]


@dataclass
class Done:
    """All batches together."""

    seen: int = 0
    locked: int = 0
    lost: list[str] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """One more batch."""
        self.seen, self.locked = self.seen + step.seen, self.locked + step.locked
        self.lost += step.lost


def columns() -> list[Kept]:
    """Every column with locked things, by name."""
    found = [
        Kept(mapper.class_, value.column)
        for mapper in Base.registry.mappers
        for value in vars(mapper.class_).values()
        if isinstance(value, LockedJson)
    ]
    return sorted(found, key=str)


def count(session: Session) -> int:
    """How many locked things there are."""
    queries = (
        select(func.count()).where(getattr(kept.model, kept.column).is_not(None))
        for kept in columns()
    )
    return sum(int(session.scalar(query) or 0) for query in queries)


def relock(store: FileStore) -> Iterator[Step]:
    """Lock anew what is not under the newest key, a batch at a time."""
    for kept in columns():
        last: UUID | None = None
        while True:
            with transaction() as session:
                rows = _batch(session, kept, last)
                old = [row.sha256 for row in rows if kept.model is StoredFile]
                step = _relocked(kept, rows, store)
                new = {row.sha256 for row in rows if kept.model is StoredFile}
                last = rows[-1].id if rows else None
            for digest in set(old) - new:
                store.delete(digest)  # after the commit: until then a reader may want it
            if not rows:
                break
            yield step


def _batch(session: Session, kept: Kept, last: UUID | None) -> Sequence[Any]:
    query = select(kept.model).where(getattr(kept.model, kept.column).is_not(None))
    if last is not None:
        query = query.where(kept.model.id > last)
    query = query.order_by(kept.model.id).limit(BATCH)
    locking = query.with_for_update(of=kept.model).execution_options(populate_existing=True)
    return session.scalars(locking).unique().all()


def _relocked(kept: Kept, rows: Iterable[Any], store: FileStore) -> Step:
    seen, locked, lost = 0, 0, []
    for row in rows:
        seen += 1
        try:
            locked += _anew(kept, row, store)
        except (Locked, SealingError, OSError):
            lost.append(f"{kept} {row.id}")
    return Step(seen, locked, lost)


def _anew(kept: Kept, row: Any, store: FileStore) -> bool:
    """Whether a thing was under an older key. Raises Locked, SealingError, OSError."""
    where = Where(row.__tablename__, kept.column, row.id)
    bytes_before = getattr(row, kept.column)
    is_current = lock().is_current(bytes_before, where)
    if isinstance(row, StoredFile) and not row.sealed:
        is_current = _file_anew(row, store) and is_current
    if not is_current:
        setattr(row, kept.column, lock().lock(lock().unlock(bytes_before, where), where))
    return not is_current


def _file_anew(row: StoredFile, store: FileStore) -> bool:
    """Whether the bytes of a locked file were under the newest key already."""
    with store.open(row.sha256) as source:
        if lock().is_current_file(source, row.id):
            return True
        source.seek(0)
        pieces = lock().lock_file(lock().unlock_file(source, row.id), row.id)
        row.sha256, row.size = store.put_pieces(pieces)
    return False
