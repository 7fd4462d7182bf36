"""Telling people, in the transaction of what happened."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.words import Message
from portal.notifications.mails import writing
from portal.notifications.models import InboxItem


def notify(
    session: Session,
    people: Iterable[UUID],
    key: str,
    subject: Message,
    url: str,
    mail_hint: str = "",
    mail_all: bool = False,
) -> int:
    """Put news in the inboxes of `people`, once for a `key` each, and write it to those who want
    mail, or to all, with a second sentence if given; returns how many it reached."""
    facts = subject.kept()
    rows = [
        {"person_id": person, "key": key, "subject": subject.text, "parameters": facts, "url": url}
        for person in sorted(set(people))
    ]
    if not rows:
        return 0
    query = insert(InboxItem).on_conflict_do_nothing(index_elements=["person_id", "key"])
    told = session.scalars(query.returning(InboxItem.person_id), rows).all()
    if told:
        writing.to_people(session, told, key, subject, url, mail_hint, mail_all)
    return len(told)


def mark_all_read(actor: Actor, now: datetime) -> None:
    """Everything in the actor's inbox has been seen."""
    with transaction() as session:
        session.execute(
            update(InboxItem)
            .where(InboxItem.person_id == actor.user_id, InboxItem.read_at.is_(None))
            .values(read_at=func.coalesce(InboxItem.read_at, now))
        )
