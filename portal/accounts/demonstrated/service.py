"""Entering the demonstration as somebody, without a password."""

from datetime import datetime, timedelta

from portal.accounts import queries
from portal.accounts.demonstrated.queries import DOMAIN
from portal.accounts.service import Browser, start_session
from portal.core.db import transaction
from portal.core.errors import NotFound


def enter_as(email: str, lifetime: timedelta, browser: Browser, now: datetime) -> str:
    """A session of one of the demonstration's people, and its token. Raises NotFound for others."""
    with transaction() as session:
        person = queries.person_by_email(session, email)
        if person is None or not person.active or not person.email.endswith(DOMAIN):
            raise NotFound
        return start_session(session, person, lifetime, browser, now)
