"""The second step of a sign-in: a code, or one of the recovery codes."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.accounts import service as accounts
from portal.accounts.factor import queries, rules, trying
from portal.accounts.factor.models import SecondFactor
from portal.accounts.factor.rules import News
from portal.accounts.models import Person
from portal.accounts.service import Browser
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound


def enter(token: str, typed: str, lifetime: timedelta, browser: Browser, now: datetime) -> str:
    """Start the session that waits under this token and return the session's own token.

    Raises Invalid, the same whatever was wrong with the code; NotFound when the time is over.
    """
    started = None
    with transaction() as session:
        person = _waiting(session, token, now)
        trying.require_no_pause(session, person, "code", now)
        factor = queries.proven(session, person.id)
        way = _shown(session, person, factor, typed, now) if factor else None
        if way is None:
            trying.count_wrong(session, person, "code", now)
        else:
            session.delete(queries.pending(session, token, now))
            started = accounts.start_session(session, person, lifetime, browser, now, factor=way)
    if started is None:
        raise Invalid("code", trying.WRONG_CODE)
    return started


def _waiting(session: Session, token: str, now: datetime) -> Person:
    """Who waits; looked for again once nobody else is at it. Raises NotFound."""
    pending = queries.pending(session, token, now)
    if pending is None:
        raise NotFound
    account_queries.lock_person(session, pending.person_id)
    pending = queries.pending(session, token, now)
    if pending is None:
        raise NotFound
    return pending.person


def _shown(
    session: Session, person: Person, factor: SecondFactor, typed: str, now: datetime
) -> str | None:
    """By what the second factor was shown; None when it was not."""
    text = rules.normal(typed)
    if rules.is_code(text):
        return "code" if trying.is_code_of(session, factor, text, now) else None
    if trying.used_recovery_code(session, factor, text):
        trying.tell(session, person, News.CODE_USED, now)
        return "recovery code"
    return None
