"""The relay: woken at once, sweeping when nobody wakes it, and never gone for good."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.models import Numbered
from portal.audit.rules import Action
from portal.config import Settings
from portal.core.access import SYSTEM
from portal.core.outbox import RELAY_NAME, Event, Topic, announce
from tests.waiting import until
from workers.relay import Relay

NEVER = 3600.0
LISTENERS = text(
    "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :name"
)


def listeners(session: Session) -> list[int]:
    found = list(session.scalars(LISTENERS, {"name": RELAY_NAME}))
    session.rollback()
    return found


@contextmanager
def running(
    settings: Settings, session: Session, send: Callable[[int], object], sweep_seconds: float
) -> Iterator[Relay]:
    relay = Relay(settings.database_url, send, sweep_seconds)
    relay.start()
    try:
        until(lambda: listeners(session), "the relay listens")
        yield relay
    finally:
        relay.stop()
        wake(session)
        relay.join(timeout=30)
        assert not relay.is_alive()


def wake(session: Session) -> None:
    session.execute(text("SELECT pg_notify('outbox', '')"))
    session.commit()


def announced(session: Session) -> int:
    announce(session, Topic.TRANCHE_PAID)
    session.commit()
    return session.scalars(select(Event.id).order_by(Event.id.desc())).first() or 0


def test_a_commit_wakes_the_relay(settings, session):
    sent: list[int] = []
    with running(settings, session, sent.append, NEVER):
        number = announced(session)
        until(lambda: sent == [number], "the event is sent without a sweep")


def test_what_nobody_woke_it_for_is_found_by_sweeping(settings, session, make_events):
    sent: list[int] = []
    with running(settings, session, sent.append, 0.05):
        numbers = make_events(120)
        until(lambda: sorted(sent) == numbers, "every event is sent once")


def test_a_broker_that_is_away_costs_no_event(settings, session):
    sent: list[int] = []
    refusals: list[int] = []

    def send(number: int) -> None:
        if len(refusals) < 2:
            refusals.append(number)
            raise ConnectionError("no broker")
        sent.append(number)

    def over() -> bool:
        session.execute(update(Event).values(sent_until=None))  # the lease of what was not sent
        session.commit()
        wake(session)
        return bool(sent)

    with running(settings, session, send, NEVER):
        number = announced(session)
        until(over, "the event is sent when the broker is back")
    assert refusals == [number] * 2
    assert set(sent) == {number}


def test_a_connection_that_is_cut_is_made_again(settings, session):
    sent: list[int] = []
    with running(settings, session, sent.append, NEVER):
        [before] = listeners(session)
        session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": before})
        session.commit()
        until(lambda: set(listeners(session)) - {before}, "the relay listens again")
        number = announced(session)
        until(lambda: sent == [number], "the event is sent")


def test_new_entries_of_the_log_get_their_numbers_on_the_way(settings, session, now):
    for number in range(3):
        audit.record(session, SYSTEM, Action.SIGNED_IN, f"person:{number}", now)
    session.commit()

    def numbers() -> list[int]:
        found = list(session.scalars(select(Numbered.seq).order_by(Numbered.seq)))
        session.rollback()
        return found

    assert numbers() == []
    with running(settings, session, lambda _: None, 0.05):
        until(lambda: numbers() == [0, 1, 2], "the relay has numbered them")
