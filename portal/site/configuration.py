"""Which settings the portal runs with: whenever they are others than before, this stands in the log."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import SYSTEM
from portal.core.db import transaction

NOTING = 0x6A62_636F_6E66
"""Advisory lock, as several workers may start at once."""


def note(told: Mapping[str, str], now: datetime) -> bool:
    """Log the settings that a worker was started with, unless the last entry says the same.

    `told` has no secrets (config.Settings.told). Returns whether there was anything to say.
    """
    with transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock(NOTING)))
        if _last(session) == told:
            return False
        audit.record(session, SYSTEM, Action.PORTAL_CONFIGURED, "portal", now, **told)
    return True


def _last(session: Session) -> Mapping[str, str] | None:
    said = select(Entry.payload).where(Entry.kind == Action.PORTAL_CONFIGURED.value)
    return session.scalars(said.order_by(Entry.id.desc()).limit(1)).first()
