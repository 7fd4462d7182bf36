"""The portal's time is the database's: one SQL function, `portal_now()`, for every process."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.errors import NotAllowed


def now(session: Session) -> datetime:
    """The portal's present instant, aware, in UTC."""
    return session.execute(text("SELECT portal_now()")).scalar_one()  # type: ignore[no-any-return]


def skew(session: Session) -> timedelta:
    """How far the database's own clock is ahead of this machine's."""
    before = time.time()
    there: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return there - datetime.fromtimestamp((before + time.time()) / 2, UTC)


def offset(session: Session) -> timedelta:
    """How far the demonstration's clock has been moved; zero in production."""
    return session.execute(text("SELECT ahead FROM portal_clock")).scalar_one()  # type: ignore[no-any-return]


def move(session: Session, by: timedelta) -> None:
    """Move the demonstration's clock forward. Raises NotAllowed for a move back."""
    if by < timedelta(0):
        raise NotAllowed("The clock moves forward only.")
    session.execute(text("UPDATE portal_clock SET ahead = ahead + :by"), {"by": by})
