"""The Celery application: the broker carries event numbers only; the truth is the outbox row."""

from functools import lru_cache
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready, worker_shutting_down
from flask import Flask

from portal.app import create_app
from portal.config import ConfigurationError, Settings
from portal.core import clock, failpoints
from portal.core.db import db
from portal.site import configuration
from workers.handlers import HANDLERS, load_handlers
from workers.relay import Relay
from workers.running import run_event
from workers.schedule import CHORES, SCHEDULE

settings = Settings.from_environment()
failpoints.arm(settings.failpoints)  # the relay numbers in this process, which has no portal
celery = Celery("jiebang", broker=settings.celery_broker_url)
celery.conf.update(
    task_default_queue=settings.queue,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600},
    beat_schedule=SCHEDULE,
    timezone="UTC",
)
load_handlers()


@lru_cache(maxsize=1)
def portal() -> Flask:
    """The portal, once for each worker process."""
    return create_app(settings)


@celery.task(name="outbox.handle")  # type: ignore[untyped-decorator]
def handle(event_id: int) -> None:
    """Run one event's handler, if the event is still to be done and nobody is at it."""
    with portal().app_context():
        run_event(event_id, HANDLERS)


@celery.task(name="portal.scheduled")  # type: ignore[untyped-decorator]
def scheduled(name: str) -> None:
    """Run one chore of the schedule; each is idempotent."""
    with portal().app_context():
        CHORES[name](clock.now(db.session))


@worker_init.connect  # type: ignore[untyped-decorator]
def _make_portal(**_: Any) -> None:
    """Once, before the pool's processes are forked, which then have it at once; a worker that could do
    nothing right does not start: the reason is its last line."""
    try:
        portal()
    except ConfigurationError as error:
        raise SystemExit(str(error)) from None


@worker_ready.connect  # type: ignore[untyped-decorator]
def _note_settings(**_: Any) -> None:
    with portal().app_context():
        configuration.note(settings.told, clock.now(db.session))
        db.session.close()
        db.engine.dispose()  # this process starts workers anew by forking, and works on none itself


@worker_ready.connect  # type: ignore[untyped-decorator]
def _start_relay(sender: Any = None, **_: Any) -> None:
    relay = Relay(settings.database_url, lambda event_id: handle.apply_async((event_id,)))
    celery.relay = relay
    relay.start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _stop_relay(**_: Any) -> None:
    relay = getattr(celery, "relay", None)
    if relay is not None:
        relay.stop()
