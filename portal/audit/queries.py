"""Reads of the log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit.models import Entry

_MOMENT = text("SELECT portal_now(), (SELECT coalesce(max(seq), -1) FROM audit_log)")


def moment(session: Session) -> tuple[datetime, int]:
    """The portal's time and the number of the last entry, in one look."""
    now, last = session.execute(_MOMENT).one()
    return now, last


def entries(
    session: Session, before: int | None = None, subject: str = "", limit: int = 100
) -> Sequence[Entry]:
    """Entries, newest first, a page at a time; about one subject if given."""
    query = select(Entry).order_by(Entry.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(Entry.seq < before)
    if subject:
        query = query.where(Entry.subject_ref == subject)
    return session.scalars(query).all()
