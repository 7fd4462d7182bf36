"""Running one event's handler: leased before, marked done in the handler's own transaction."""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from portal.core import clock, outbox
from portal.core.db import transaction
from portal.core.outbox import MAX_ATTEMPTS, AlreadyHandled, Claimed, Topic
from workers.handlers import Handler

log = logging.getLogger(__name__)
LONGEST_WAIT = 300
PAUSES = (1, 2, 4, 8)
"""Seconds between attempts to give an event back; together less than its lease."""


def run_event(event_id: int, handlers: Mapping[Topic, Handler]) -> None:
    """Run an event's handler, if the event is still to be done and nobody is at it."""
    with transaction() as session:
        event = outbox.claim_to_run(session, event_id)
        now = clock.now(session)
    if event is None:
        return
    try:
        with outbox.handling(event.id):
            handlers[Topic(event.topic)](event.payload, now)
    except AlreadyHandled:
        log.info("event %s was handled elsewhere", event.id)
    except Exception as error:
        _give_back(event, error)


def _give_back(event: Claimed, error: Exception) -> None:
    log.exception("event %s (%s) failed, attempt %s", event.id, event.topic, event.attempt)
    if event.attempt >= MAX_ATTEMPTS:
        log.critical("event %s is stuck: see `jiebang outbox`", event.id)
    wait = timedelta(seconds=min(2**event.attempt, LONGEST_WAIT))
    for pause in PAUSES:
        try:
            with transaction() as session:
                outbox.release(session, event.id, repr(error), wait)
            return
        except OperationalError:
            time.sleep(pause)  # the database restarts; without this the lease would have to run out
