"""Setting up one's second factor, changing and removing it; each asks for the password again."""

import os
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.accounts import service as accounts
from portal.accounts.confirming import is_password_of
from portal.accounts.factor import policy, queries, trying
from portal.accounts.factor.models import SecondFactor
from portal.accounts.factor.rules import SECRET, News, is_code, normal
from portal.accounts.models import Person, SignInSession
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound
from portal.core.words import N_

WRONG_PASSWORD = N_("This is not your password.")


def propose(actor: Actor, password: str, now: datetime) -> None:
    """Make a secret for the actor's app; it counts once a code has proven it. Raises Invalid."""
    with transaction() as session:
        person = _own(session, actor, now)
        fits = _password_fits(session, person, password, now)
        if fits:
            _forget_proposed(session, person)
            factor = SecondFactor(person_id=person.id, proposed_at=now)
            factor.secret_hex = os.urandom(SECRET).hex()
            session.add(factor)
            _log(session, actor, Action.FACTOR_PROPOSED, now)
    _refuse_unless(fits, Invalid("password", WRONG_PASSWORD))


def prove(actor: Actor, typed: str, session_token: str, now: datetime) -> list[str]:
    """Take the first code of the new secret, which from then on is the second factor; returns the
    recovery codes, shown now and never again.

    The session of the token counts as signed in with it, all others of the actor end. Raises Invalid,
    NotFound when nothing is being set up.
    """
    codes: list[str] = []
    with transaction() as session:
        person = _own(session, actor, now, "code")
        factor = queries.proposed(session, person.id, now)
        if factor is None:
            raise NotFound
        code = normal(typed)
        if is_code(code) and trying.is_code_of(session, factor, code, now):
            _replace(session, person, factor, now)
            _end_others(session, person, session_token, now)
            codes = trying.fresh_codes(session, factor)
            _log(session, actor, Action.FACTOR_SET_UP, now)
            trying.tell(session, person, News.SET_UP, now)
        else:
            trying.count_wrong(session, person, "first code", now)
    _refuse_unless(bool(codes), Invalid("code", trying.WRONG_CODE))
    return codes


def make_codes(actor: Actor, password: str, now: datetime) -> list[str]:
    """New recovery codes; the old ones are worth nothing. Raises Invalid, NotFound."""
    codes: list[str] = []
    with transaction() as session:
        person = _own(session, actor, now)
        factor = _proven(session, person)
        if _password_fits(session, person, password, now):
            codes = trying.fresh_codes(session, factor)
            _log(session, actor, Action.RECOVERY_CODES_MADE, now)
            trying.tell(session, person, News.CODES_MADE, now)
    _refuse_unless(bool(codes), Invalid("password", WRONG_PASSWORD))
    return codes


def remove(actor: Actor, password: str, is_required: bool, now: datetime) -> None:
    """Go without a second factor again. Raises NotAllowed, Invalid, NotFound."""
    with transaction() as session:
        person = _own(session, actor, now)
        policy.may_remove(actor, is_required).enforce()
        factor = _proven(session, person)
        fits = _password_fits(session, person, password, now)
        if fits:
            session.delete(factor)
            _log(session, actor, Action.FACTOR_REMOVED, now)
            trying.tell(session, person, News.REMOVED, now)
    _refuse_unless(fits, Invalid("password", WRONG_PASSWORD))


def _own(session: Session, actor: Actor, now: datetime, field: str = "password") -> Person:
    account_queries.lock_person(session, actor.user_id)
    person = session.get_one(Person, actor.user_id)
    trying.require_no_pause(session, person, field, now)
    return person


def _proven(session: Session, person: Person) -> SecondFactor:
    factor = queries.proven(session, person.id)
    if factor is None:
        raise NotFound
    return factor


def _password_fits(session: Session, person: Person, password: str, now: datetime) -> bool:
    fits = is_password_of(session, person.id, password)
    if not fits:
        trying.count_wrong(session, person, "password", now)
    return fits


def _refuse_unless(done: bool, why: Invalid) -> None:
    """After the transaction, which has kept the wrong try."""
    if not done:
        raise why


def _forget_proposed(session: Session, person: Person) -> None:
    session.execute(
        delete(SecondFactor).where(
            SecondFactor.person_id == person.id, SecondFactor.proven_at.is_(None)
        )
    )


def _replace(session: Session, person: Person, factor: SecondFactor, now: datetime) -> None:
    old = queries.proven(session, person.id)
    if old is not None:
        session.delete(old)
        session.flush()  # one at a time, says the index
    factor.proven_at = now


def _end_others(session: Session, person: Person, token: str, now: datetime) -> None:
    own = SignInSession.token_sha256 == account_queries.token_digest(token)
    of_person = SignInSession.person_id == person.id
    session.execute(update(SignInSession).where(of_person, own).values(factor_at=now))
    accounts.end_others(session, person.id, token, now)


def _log(session: Session, actor: Actor, what: Action, now: datetime) -> None:
    audit.record(session, actor, what, f"person:{actor.user_id}", now)
