"""The outbox on a real PostgreSQL: what is announced is done once, and nothing vanishes."""

from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from portal.core import clock, outbox
from portal.core.db import db, transaction
from portal.core.outbox import (
    CHANNEL,
    IN_FLIGHT,
    MAX_ATTEMPTS,
    AlreadyHandled,
    Event,
    Topic,
    announce,
    claim_for_dispatch,
    claim_to_run,
    handling,
    release,
)


def dispatched(limit: int = 50) -> list[int]:
    with transaction() as session:
        return claim_for_dispatch(session, limit)


def claimed(event_id: int) -> outbox.Claimed | None:
    with transaction() as session:
        return claim_to_run(session, event_id)


def change(event_id: int, **facts: object) -> None:
    with transaction() as session:
        session.execute(update(Event).where(Event.id == event_id).values(**facts))


def row(session: Session, event_id: int) -> Event:
    session.expire_all()
    return session.get_one(Event, event_id)


def past() -> object:
    return func.clock_timestamp() - timedelta(seconds=1)


def test_an_announcement_is_real_and_wakes_only_with_its_commit(session):
    plain = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(plain, autocommit=True)) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        announce(session, Topic.BID_SUBMITTED, version_id=1)
        session.flush()
        assert dispatched_elsewhere() == []
        session.rollback()
        assert list(listener.notifies(timeout=0.1)) == []
        announce(session, Topic.BID_SUBMITTED, version_id=2)
        session.commit()
        assert len(list(listener.notifies(timeout=10, stop_after=1))) == 1
    event = session.scalars(select(Event)).one()
    assert (event.topic, event.payload) == ("bid.submitted", {"version_id": "2"})
    assert dispatched() == [event.id]


def dispatched_elsewhere() -> list[int]:
    with Session(db.engine) as other, other.begin():
        return claim_for_dispatch(other)


def test_an_event_is_due_by_the_portals_clock(session, make_events):
    [event_id] = make_events(due_at=func.portal_now() + timedelta(days=3))
    assert dispatched() == []
    assert outbox.pending(session) == 0
    with transaction() as moving:
        clock.move(moving, timedelta(days=4))
    assert outbox.pending(session) == 1
    assert dispatched() == [event_id]


def test_two_relays_at_once_never_take_the_same_event_nor_wait(make_events):
    first, second, third = make_events(3)
    with Session(db.engine) as one, Session(db.engine) as other:
        other.execute(text("SET lock_timeout = '2s'"))
        assert claim_for_dispatch(one, 2) == [first, second]
        assert claim_for_dispatch(other, 2) == [third]
        one.commit()
        other.commit()
    assert dispatched() == []


def test_a_sent_event_is_sent_again_when_its_lease_is_over(make_events):
    [event_id] = make_events()
    assert dispatched() == [event_id]
    assert dispatched() == []
    change(event_id, sent_until=past())
    assert dispatched() == [event_id]


def test_an_event_that_is_worked_on_is_left_alone_until_its_lease_is_over(session, make_events):
    [event_id] = make_events()
    taken = claimed(event_id)
    assert taken is not None
    assert (taken.id, taken.attempt) == (event_id, 1)
    assert claimed(event_id) is None
    assert dispatched() == []
    change(event_id, locked_until=past())
    assert dispatched() == [event_id]
    again = claimed(event_id)
    assert again is not None
    assert again.attempt == 2
    change(event_id, done_at=func.clock_timestamp(), locked_until=None)
    assert claimed(event_id) is None


def test_an_event_given_back_waits_and_says_why(session, make_events):
    [event_id] = make_events()
    claimed(event_id)
    with transaction() as giving:
        release(giving, event_id, "x" * 3000, timedelta(hours=1))
    assert dispatched() == []
    assert claimed(event_id) is None
    assert row(session, event_id).last_error == "x" * 2000
    change(event_id, locked_until=past())
    assert dispatched() == [event_id]


def test_an_event_that_keeps_failing_is_shown_tried_hourly_and_freed(session, make_events):
    failing, fresh = make_events(2)
    change(failing, attempts=MAX_ATTEMPTS, last_error="KeyError('x')")
    assert [event.id for event in outbox.stuck(session)] == [failing]
    assert outbox.pending(session) == 2
    assert dispatched() == [failing, fresh]
    now = session.scalar(select(func.clock_timestamp()))
    assert row(session, failing).sent_until - now > timedelta(minutes=50)
    assert row(session, fresh).sent_until - now < timedelta(minutes=1)
    with transaction() as freeing:
        assert outbox.retry_stuck(freeing) == 1
    assert outbox.stuck(session) == []
    assert dispatched() == [failing]


def test_a_backlog_is_not_sent_again_and_again(make_events):
    later = func.clock_timestamp() + timedelta(minutes=1)
    make_events(IN_FLIGHT - 1, sent_until=later)
    waiting = make_events(3)
    assert dispatched() == waiting[:1]
    assert dispatched() == []


def test_an_effect_and_its_mark_are_one_transaction(session, make_events):
    kept, lost = make_events(2)
    with handling(kept), transaction() as working:
        announce(working, Topic.BIDS_OPENED)
    assert row(session, kept).done_at is not None
    with pytest.raises(DataError), handling(lost), transaction() as working:
        working.execute(text("SELECT 1 / 0"))
    assert row(session, lost).done_at is None
    with pytest.raises(AlreadyHandled), handling(kept), transaction() as working:
        announce(working, Topic.BIDS_OPENED)
    assert effects(session) == 1


def test_a_handler_without_a_transaction_has_done_its_event(session, make_events):
    [event_id] = make_events()
    with handling(event_id):
        pass
    assert row(session, event_id).done_at is not None


def test_a_handler_with_two_transactions_is_refused_aloud(session, make_events):
    [event_id] = make_events()

    def twice() -> None:
        for _ in range(2):
            with transaction() as working:
                announce(working, Topic.BIDS_OPENED)

    with pytest.raises(RuntimeError, match="one transaction"), handling(event_id):
        twice()
    assert effects(session) == 1


def effects(session: Session) -> int:
    query = select(func.count()).where(Event.topic == Topic.BIDS_OPENED.value)
    return session.scalar(query) or 0
