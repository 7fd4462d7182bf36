"""Reads of the log."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry


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
