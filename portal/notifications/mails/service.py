"""Sending what was written: one worker at a time, each mail at least once, never within a request.

A mail is leased before it is sent, and marked after; a worker that dies in between leaves it to the
next, and it is sent again under the same number.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from portal.core.db import transaction
from portal.notifications.mails.models import Mail
from portal.notifications.mails.rules import (
    KEPT_FOR,
    MAIL_MOVES,
    Gone,
    MailState,
    Parcel,
    Refused,
    Send,
    is_too_old,
    wait_after,
)

log = logging.getLogger(__name__)
LOCK = 0x6D61696C  # "mail"
LEASE = timedelta(minutes=3)
"""How long one mail may take; longer than all the server's answers together may."""
MOST = 150
"""How many are sent in one go, so that a worker is not long away; the next go takes the others."""
Pack = Callable[[Mail], Parcel]
Connect = Callable[[], AbstractContextManager[Send]]


def send_due(pack: Pack, connect: Connect | None, now: datetime, most: int = MOST) -> int:
    """Send the mails that are due over one connection; without a server they are kept. How many."""
    with ExitStack() as stack:
        send: Send | None = None
        for done in range(most):
            taken = _take(pack, now)
            if taken is None:
                return done
            mail_id, parcel = taken
            try:
                if connect is not None:
                    send = send or stack.enter_context(connect())
                    send(parcel)
            except Gone as error:
                _wait_for_server(mail_id, str(error))
                return done
            except Refused as error:
                _refused(mail_id, str(error), error.is_final)
            else:
                _settle(mail_id, "send" if connect else "keep", now)
    return most


def _take(pack: Pack, now: datetime) -> tuple[UUID, Parcel] | None:
    """Lease the mail that is due first, unless another worker is sending; those too old are given up."""
    clock = func.clock_timestamp()
    waiting = Mail.state == MailState.WAITING
    with transaction() as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
            return None
        if session.scalar(
            select(select(Mail.id).where(waiting, Mail.locked_until > clock).exists())
        ):
            return None
        due = select(Mail).where(waiting, Mail.due_at <= clock).order_by(Mail.due_at, Mail.id)
        while mail := session.scalars(due.limit(1).with_for_update()).one_or_none():
            if is_too_old(mail.at, now):
                MAIL_MOVES.move(mail, "give_up")
            elif parcel := _packed(pack, mail):
                return mail.id, parcel
    return None


def _packed(pack: Pack, mail: Mail) -> Parcel | None:
    """The mail's texts, and its lease; one that cannot be written does not stop the others."""
    try:
        parcel = pack(mail)
    except Exception as error:
        log.exception("mail %s cannot be written", mail.id)
        MAIL_MOVES.move(mail, "give_up")
        mail.last_error = repr(error)[:500]
        return None
    mail.attempts += 1
    mail.locked_until = func.clock_timestamp() + LEASE
    return parcel


def _still_waiting(session: Session, mail_id: UUID) -> Mail | None:
    """The mail, locked; None when another worker has settled it meanwhile."""
    query = select(Mail).where(Mail.id == mail_id, Mail.state == MailState.WAITING)
    return session.scalars(query.with_for_update()).one_or_none()


def _settle(mail_id: UUID, action: str, now: datetime) -> None:
    with transaction() as session:
        mail = _still_waiting(session, mail_id)
        if mail is not None:
            MAIL_MOVES.move(mail, action)
            mail.sent_at, mail.locked_until, mail.last_error = now, None, ""


def _refused(mail_id: UUID, words: str, is_final: bool) -> None:
    log.warning("mail %s was refused: %s", mail_id, words)
    with transaction() as session:
        mail = _still_waiting(session, mail_id)
        if mail is None:
            return
        mail.locked_until, mail.last_error = None, words[:500]
        if is_final:
            MAIL_MOVES.move(mail, "give_up")
        else:
            mail.due_at = func.clock_timestamp() + wait_after(mail.attempts)


def _wait_for_server(mail_id: UUID, words: str) -> None:
    """Every mail that is due waits, longer each time, so that the server is asked only now and then;
    it counts for all, because the next time another may come first."""
    log.warning("the mail server is away: %s", words)
    clock = func.clock_timestamp()
    with transaction() as session:
        mail = _still_waiting(session, mail_id)
        if mail is None:
            return
        pause = wait_after(mail.attempts)
        mail.locked_until, mail.last_error = None, words[:500]
        due = update(Mail).where(Mail.state == MailState.WAITING, Mail.due_at <= clock + pause)
        tried = func.greatest(Mail.attempts, mail.attempts)
        session.execute(due.values(due_at=clock + pause, attempts=tried))


def retry_given_up(now: datetime) -> int:
    """Send again what could not be delivered, as if it were new; returns how many there are."""
    with transaction() as session:
        query = select(Mail).where(Mail.state == MailState.GIVEN_UP).with_for_update()
        rows = session.scalars(query).all()
        for mail in rows:
            MAIL_MOVES.move(mail, "retry")
            mail.at, mail.attempts, mail.due_at = now, 0, func.clock_timestamp()
        return len(rows)


def forget_old(now: datetime) -> None:
    """Delete mails that were settled a month ago; the inbox keeps the news."""
    with transaction() as session:
        old = Mail.state != MailState.WAITING, Mail.at < now - KEPT_FOR
        session.execute(delete(Mail).where(*old))
