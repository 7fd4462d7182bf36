"""Many rows from one, for tests of how pages bear growth, and a counter of queries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event, insert, inspect

from portal.core.db import Base, db


def copies(row: Base, times: int, **changes: Callable[[int], Any]) -> list[UUID]:
    """Insert copies of a row with new ids; `changes` say what each column is in copy i."""
    columns = [attribute.key for attribute in inspect(type(row)).column_attrs]
    kept = {key: getattr(row, key) for key in columns}
    ids = [uuid4() for _ in range(times)]
    rows = [
        {**kept, "id": ids[i], **{key: change(i) for key, change in changes.items()}}
        for i in range(times)
    ]
    db.session.execute(insert(type(row)), rows)
    return ids


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that were sent meanwhile."""
    sent: list[str] = []

    def note(*facts: Any) -> None:
        sent.append(facts[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
