"""Events as rows, for tests of the outbox and of those who work on it."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, insert
from sqlalchemy.orm import Session

from portal.core.outbox import Event, Topic

MakeEvents = Callable[..., list[int]]


@pytest.fixture
def make_events(session: Session) -> MakeEvents:
    """Commit events, without waking anybody, and return their numbers."""

    def make(count: int = 1, **facts: object) -> list[int]:
        values = {"topic": Topic.TRANCHE_PAID.value, "payload": {}, "due_at": func.portal_now()}
        query = insert(Event).values([{**values, **facts} for _ in range(count)])
        ids = list(session.scalars(query.returning(Event.id)))
        session.commit()
        return sorted(ids)

    return make
