"""Reads of the inbox."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from portal.notifications.models import InboxItem

Cursor = tuple[datetime, UUID]


def inbox(
    session: Session, person_id: UUID, before: Cursor | None = None, limit: int = 50
) -> Sequence[InboxItem]:
    """A person's news, newest first, a page at a time, from before a time and id."""
    query = select(InboxItem).where(InboxItem.person_id == person_id)
    if before is not None:
        query = query.where(tuple_(InboxItem.at, InboxItem.id) < before)
    return session.scalars(
        query.order_by(InboxItem.at.desc(), InboxItem.id.desc()).limit(limit)
    ).all()


def unread(session: Session, person_id: UUID) -> int:
    """How many items a person has not seen; counts to 100 and no further."""
    some = (
        select(InboxItem.id)
        .where(InboxItem.person_id == person_id, InboxItem.read_at.is_(None))
        .limit(100)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0
