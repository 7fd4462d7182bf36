"""The portal's time is the database's: one SQL function, `portal_now()`, for every process."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.errors import NotAllowed


def now(session: Session) -> datetime:
    """The portal's present instant, aware, in UTC."""
    return session.execute(text("SELECT portal_now()")).scalar_one()  # type: ignore[no-any-return]


def offset(session: Session) -> timedelta:
    """How far the demonstration's clock has been moved; zero in production."""
    return session.execute(text("SELECT ahead FROM portal_clock")).scalar_one()  # type: ignore[no-any-return]


def move(session: Session, by: timedelta) -> None:
    """Move the demonstration's clock forward. Raises NotAllowed for a move back."""
    if by < timedelta(0):
        raise NotAllowed("The clock moves forward only.")
    session.execute(text("UPDATE portal_clock SET ahead = ahead + :by"), {"by": by})
