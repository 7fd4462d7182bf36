"""What workers do with what the acts of a test left for them, done here and now."""

from sqlalchemy import func, select

from portal.core import clock
from portal.core.db import db
from portal.core.outbox import Event
from portal.notifications.mails.letters import parcel_of
from portal.notifications.mails.service import send_due
from workers.handlers import load_handlers
from workers.running import run_event


def work_off() -> None:
    """Handle every event that is due, and what those announce; then send all mail."""
    handlers = load_handlers()
    due = select(Event.id).where(Event.attempts == 0, Event.due_at <= func.portal_now())
    while ids := db.session.scalars(due.order_by(Event.id)).all():
        db.session.rollback()
        for event_id in ids:
            run_event(event_id, handlers)
    while send_due(parcel_of, None, clock.now(db.session)):
        pass
