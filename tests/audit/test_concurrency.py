"""Twenty writers at once: the numbers have no gap, and they follow the order of the commits."""

from datetime import datetime
from threading import Lock

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import SYSTEM
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.words import Message
from portal.notifications.models import InboxItem
from portal.notifications.service import notify
from tests.factories.accounts import make_person
from tests.threads import at_once

WRITERS, EACH = 20, 5


def test_numbers_are_contiguous_and_in_the_order_of_the_commits(
    app: Flask, session: Session, now: datetime
) -> None:
    session.commit()
    seen: list[tuple[int, int]] = []
    guard = Lock()

    def write() -> None:
        for _ in range(EACH):
            with transaction() as own:
                committed = own.scalar(select(func.count()).select_from(Entry)) or 0
                entry = audit.record(own, SYSTEM, Action.SIGNED_IN, "person:1", now)
                number = entry.seq
            with guard:
                seen.append((number, committed))

    assert at_once(app, *[write] * WRITERS) == [None] * WRITERS
    numbers = session.scalars(select(Entry.seq).order_by(Entry.seq)).all()
    assert list(numbers) == list(range(WRITERS * EACH))
    assert sorted(number for number, _ in seen) == list(numbers)
    # Whatever was committed before a writer took its number has a smaller one: no number is
    # ever given out below one that a reader has seen.
    assert all(number >= committed for number, committed in seen)


def test_a_reader_never_sees_a_number_before_a_smaller_one(
    app: Flask, session: Session, now: datetime
) -> None:
    session.commit()
    gaps: list[tuple[int, int]] = []

    def write() -> None:
        for _ in range(EACH):
            with transaction() as own:
                audit.record(own, SYSTEM, Action.SIGNED_IN, "person:1", now)

    def read() -> None:
        for _ in range(EACH * 10):
            with transaction() as own:
                facts = select(func.count(), func.coalesce(func.max(Entry.seq) + 1, 0))
                rows, next_number = own.execute(facts).one()
                gaps.append((rows, next_number))

    assert at_once(app, *[write] * 8, read, read) == [None] * 10
    assert all(rows == next_number for rows, next_number in gaps)


def test_an_entry_goes_with_its_cause(session: Session, now: datetime) -> None:
    person = make_person()
    session.commit()

    def act(fails: bool) -> None:
        with transaction() as own:
            notify(own, [person.id], "key", Message("News"), "/desk")
            audit.record(own, SYSTEM, Action.SIGNED_IN, "person:1", now)
            if fails:
                raise Invalid("field", "No.")

    for fails, rows in ((True, 0), (False, 1)):
        try:
            act(fails)
        except Invalid:
            assert fails
        for kind in (Entry, InboxItem):
            assert session.scalar(select(func.count()).select_from(kind)) == rows
    assert session.scalar(select(func.max(Entry.seq))) == 0
