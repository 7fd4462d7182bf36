"""Tries at a second factor: counted in the database, logged, and paused when many are wrong.

The count is in the database and nowhere else, so it holds without a broker. Whoever calls has locked
the person (`queries.lock_person`): tries at the same moment come one after another.
"""

import os
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.accounts.factor import queries, rules
from portal.accounts.factor.models import RecoveryCode, SecondFactor, WrongTry
from portal.accounts.factor.rules import News
from portal.accounts.models import Person
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import clock
from portal.core.errors import Invalid
from portal.core.outbox import Topic, announce
from portal.core.words import N_

WRONG_CODE = N_("This code is not right, or was used already.")


def require_no_pause(session: Session, person: Person, field: str, now: datetime) -> None:
    """After many wrong tries none is taken for a while. Raises Invalid."""
    until = rules.paused_until(queries.wrong_tries(session, person.id, now), now)
    if until is not None:
        minutes = -(-(until - now).seconds // 60)
        text = N_("Too many wrong tries. Please try again in %(minutes)s minutes.")
        raise Invalid(field, text, minutes=minutes)


def count_wrong(session: Session, person: Person, what: str, now: datetime) -> None:
    """Keep and log a wrong try; its owner is told when it is the last for a while."""
    session.add(WrongTry(person_id=person.id, at=now))
    who, ref = account_queries.actor_of(person), f"person:{person.id}"
    audit.record(session, who, Action.FACTOR_REFUSED, ref, now, what=what)
    if rules.paused_until(queries.wrong_tries(session, person.id, now), now):
        tell(session, person, News.TRIED, now)


def tell(session: Session, person: Person, what: News, now: datetime) -> None:
    """Have the owner told, by inbox and mail, whether they want mail or not."""
    facts = {"person_id": person.id, "what": what.value, "at": now.isoformat()}
    announce(session, Topic.FACTOR_CHANGED, **facts)


def is_code_of(session: Session, factor: SecondFactor, code: str, now: datetime) -> bool:
    """Whether an app with this secret shows this code; if so it is used up, by the clock of the
    world and not of a demonstration, since that is what the app goes by."""
    moment = now - clock.offset(session)
    period = rules.matching_period(factor.secret, code, moment, factor.counter)
    if period is None:
        return False
    factor.counter = period
    return True


def used_recovery_code(session: Session, factor: SecondFactor, typed: str) -> bool:
    """Whether this was one of the recovery codes; if so it is gone."""
    query = delete(RecoveryCode).where(
        RecoveryCode.factor_id == factor.id,
        RecoveryCode.sha256 == rules.recovery_digest(factor.person_id, typed),
    )
    return session.scalar(query.returning(RecoveryCode.id)) is not None


def fresh_codes(session: Session, factor: SecondFactor) -> list[str]:
    """Ten recovery codes in the place of those there were; only their digests are kept."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.factor_id == factor.id))
    codes = rules.new_recovery_codes(os.urandom)
    digests = [rules.recovery_digest(factor.person_id, code) for code in codes]
    session.add_all(RecoveryCode(factor_id=factor.id, sha256=digest) for digest in digests)
    return codes
