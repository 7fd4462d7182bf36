"""What happens by the clock: beat sends a chore's name, a worker runs it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from portal.accounts import service as accounts


def forget_old_sessions(now: datetime) -> None:
    """Sessions that ran out a month ago are of no use."""
    accounts.forget_old_sessions(now - timedelta(days=30))


CHORES: dict[str, Callable[[datetime], None]] = {"forget_old_sessions": forget_old_sessions}
SECONDS = {"forget_old_sessions": 3600.0}
SCHEDULE: dict[str, dict[str, Any]] = {
    name: {"task": "portal.scheduled", "schedule": SECONDS[name], "args": (name,)}
    for name in CHORES
}
