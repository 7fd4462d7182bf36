"""One event's handler: run at least once, with effect once."""

from datetime import datetime, timedelta
from threading import Event as Signal
from threading import Thread

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.core.db import transaction
from portal.core.outbox import MAX_ATTEMPTS, Event, Topic, announce
from tests.threads import at_once
from workers.running import run_event


def act(payload: dict[str, str], now: datetime) -> None:
    """A handler whose every run would show."""
    with transaction() as session:
        announce(session, Topic.BIDS_OPENED)


def fail(payload: dict[str, str], now: datetime) -> None:
    """A handler that always fails."""
    raise LookupError("no such thing")


DOES = {Topic.TRANCHE_PAID: act}
FAILS = {Topic.TRANCHE_PAID: fail}


def effects(session: Session) -> int:
    query = select(func.count()).where(Event.topic == Topic.BIDS_OPENED.value)
    return session.scalar(query) or 0


def row(session: Session, event_id: int) -> Event:
    session.rollback()
    return session.get_one(Event, event_id)


def test_an_event_delivered_twice_has_its_effect_once(app, session, make_events):
    first, second = make_events(2)
    run_event(first, DOES)
    run_event(first, DOES)
    assert effects(session) == 1
    session.rollback()
    assert at_once(app, *[lambda: run_event(second, DOES)] * 2) == [None, None]
    assert effects(session) == 2
    assert row(session, second).attempts == 1


def test_a_worker_whose_lease_ran_out_has_no_effect_beside_another(app, session, make_events):
    [event_id] = make_events()
    begun, go_on = Signal(), Signal()

    def slow(payload: dict[str, str], now: datetime) -> None:
        with transaction() as working:
            announce(working, Topic.BIDS_OPENED)
            begun.set()
            go_on.wait(timeout=30)

    def work() -> None:
        with app.app_context():
            run_event(event_id, {Topic.TRANCHE_PAID: slow})

    late = Thread(target=work)
    late.start()
    assert begun.wait(timeout=30)
    past = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(Event).where(Event.id == event_id).values(locked_until=past))
    session.commit()
    run_event(event_id, DOES)
    go_on.set()
    late.join(timeout=30)
    assert effects(session) == 1
    found = row(session, event_id)
    assert found.done_at is not None
    assert (found.attempts, found.last_error) == (2, None)


def test_a_failure_is_kept_and_tried_again_later(session, make_events):
    [event_id] = make_events()
    run_event(event_id, FAILS)
    found = row(session, event_id)
    assert (found.done_at, found.attempts) == (None, 1)
    assert found.last_error == "LookupError('no such thing')"
    assert found.locked_until > session.scalar(select(func.clock_timestamp()))
    run_event(event_id, DOES)
    assert effects(session) == 0, "it waits"
    session.execute(update(Event).values(locked_until=None))
    session.commit()
    run_event(event_id, DOES)
    assert effects(session) == 1
    assert row(session, event_id).last_error is None


def test_an_unknown_topic_waits_for_a_worker_that_knows_it(session, make_events):
    unknown, unhandled = *make_events(topic="from.the.future"), *make_events()
    run_event(unknown, DOES)
    run_event(unhandled, {})
    for event_id in (unknown, unhandled):
        found = row(session, event_id)
        assert (found.done_at, found.attempts) == (None, 1)
        assert found.last_error


def test_the_last_attempt_is_told_aloud(make_events, caplog: pytest.LogCaptureFixture):
    last, early = *make_events(attempts=MAX_ATTEMPTS - 1), *make_events()
    run_event(early, FAILS)
    assert "is stuck" not in caplog.text
    run_event(last, FAILS)
    assert f"event {last} is stuck" in caplog.text


def test_a_number_that_names_no_event_is_nothing(session):
    run_event(4711, DOES)
    assert effects(session) == 0
