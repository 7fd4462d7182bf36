"""Reads of the mails."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from portal.core.errors import NotFound
from portal.notifications.mails.models import Mail
from portal.notifications.mails.rules import DAY, MailState

PAGE = 50
Cursor = tuple[datetime, UUID]


def newest(session: Session, before: Cursor | None = None) -> Sequence[Mail]:
    """Every mail, newest first, a page at a time; one row more than a page."""
    query = select(Mail)
    if before is not None:
        query = query.where(tuple_(Mail.at, Mail.id) < before)
    return session.scalars(query.order_by(Mail.at.desc(), Mail.id.desc()).limit(PAGE + 1)).all()


def mail(session: Session, mail_id: UUID) -> Mail:
    """One mail. Raises NotFound."""
    found = session.get(Mail, mail_id)
    if found is None:
        raise NotFound
    return found


def states_of(session: Session, mails: Sequence[tuple[str, str]]) -> dict[str, MailState]:
    """What became of mails, given by address and key; those that were not written are not there."""
    known = tuple_(Mail.address, Mail.key).in_(list(mails))
    rows = session.execute(select(Mail.key, Mail.state).where(known))
    return {row.key: row.state for row in rows}


def strangers_mails(session: Session, address: str, person_id: UUID) -> tuple[int, int]:
    """How many mails to strangers were written in a day: to this address, and by this person."""
    lately = Mail.person_id.is_(None), Mail.at > func.portal_now() - DAY
    count = select(func.count()).select_from(Mail).where(*lately)
    to_address = session.scalar(count.where(Mail.address == address))
    by_person = session.scalar(count.where(Mail.asked_by == person_id))
    return to_address or 0, by_person or 0


def waiting(session: Session) -> int:
    """How many mails wait to be sent."""
    query = select(func.count()).select_from(Mail).where(Mail.state == MailState.WAITING)
    return session.scalar(query) or 0


def given_up(session: Session, limit: int = 100) -> Sequence[Mail]:
    """Mails that could not be delivered, newest first."""
    query = select(Mail).where(Mail.state == MailState.GIVEN_UP)
    return session.scalars(query.order_by(Mail.at.desc(), Mail.id).limit(limit)).all()
