"""The demonstration's clock: moved forward so that deadlines pass in seconds, and logged."""

from datetime import datetime, timedelta

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, transaction


def present() -> datetime:
    """The portal's time."""
    return clock.now(db.session)


def move(by: timedelta) -> datetime:
    """Move the clock forward and return the portal's new time. Raises NotAllowed for a move back."""
    with transaction() as session:
        clock.move(session, by)
        now = clock.now(session)
        audit.record(session, SYSTEM, Action.CLOCK_MOVED, "clock", now, by=by)
    return now
