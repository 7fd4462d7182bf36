"""From the outbox to the broker, and numbers for the log's new entries: woken by NOTIFY, and sweeping
in case it was not."""

import logging
import threading
from collections.abc import Callable

import psycopg
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from portal.audit.numbering import number_if_free
from portal.core.outbox import CHANNEL, RELAY_NAME, claim_for_dispatch

log = logging.getLogger(__name__)
SWEEP_SECONDS = 2.0
CONNECT_SECONDS = 5
Send = Callable[[int], object]


def dispatch(engine: Engine, send: Send) -> int:
    """Send every due event once; returns how many. An event that cannot be sent stays due."""
    sent = 0
    while True:
        with Session(engine) as session, session.begin():
            claimed = claim_for_dispatch(session)
        for event_id in claimed:
            send(event_id)
        sent += len(claimed)
        if not claimed:
            return sent


def number(engine: Engine) -> None:
    """Give the log's new entries their numbers, unless somebody else is at it."""
    is_more = True
    while is_more:
        with Session(engine) as session, session.begin():
            is_more = number_if_free(session)


class Relay(threading.Thread):
    """A thread of the worker that listens and dispatches until it is stopped."""

    def __init__(self, url: str, send: Send, sweep_seconds: float = SWEEP_SECONDS) -> None:
        super().__init__(name="relay", daemon=True)
        self._sweep_seconds = sweep_seconds
        self._url = url
        self._send = send
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask the thread to end; it does so within a sweep."""
        self._stopping.set()

    def run(self) -> None:
        """Listen, dispatch, and start over when the database or the broker was away."""
        patience = {"connect_timeout": CONNECT_SECONDS}
        engine = create_engine(self._url, poolclass=NullPool, connect_args=patience)
        while not self._stopping.is_set():
            try:
                self._listen(engine)
            except Exception:
                log.exception("the relay starts over")
                self._stopping.wait(1)

    def _listen(self, engine: Engine) -> None:
        plain = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(
            plain,
            autocommit=True,
            application_name=RELAY_NAME,
            connect_timeout=CONNECT_SECONDS,
        ) as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            while not self._stopping.is_set():
                dispatch(engine, self._send)
                number(engine)
                for _ in listener.notifies(timeout=self._sweep_seconds, stop_after=1):
                    break
