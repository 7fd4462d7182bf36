"""Settings in the log: once for each change."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.config import Settings
from portal.site import configuration


def test_settings_stand_in_the_log_whenever_they_are_others(
    session: Session, settings: Settings, now: datetime
) -> None:
    other = replace(settings, session_hours=1)
    started = settings, settings, other, other, settings
    assert [configuration.note(one.told, now) for one in started] == [1, 0, 1, 0, 1]
    said = select(Entry.payload).where(Entry.kind == Action.PORTAL_CONFIGURED.value)
    assert session.scalars(said.order_by(Entry.id)).all() == [
        settings.told,
        other.told,
        settings.told,
    ]
