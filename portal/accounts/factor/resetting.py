"""Somebody lost phone and recovery codes: two administrators reset the second factor together."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.accounts.factor import policy, queries, trying
from portal.accounts.factor.models import FactorReset, PendingSignIn, SecondFactor
from portal.accounts.factor.rules import News
from portal.accounts.models import Person, SignInSession
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound
from portal.core.words import N_

NO_FACTOR = N_("Nobody with this address has a second factor.")


def ask(actor: Actor, email: str, reason: str, now: datetime) -> None:
    """Ask another administrator to confirm a reset. Raises NotAllowed, Invalid."""
    with transaction() as session:
        policy.may_reset(actor).enforce()
        person = _with_factor(session, email)
        if person.id == actor.user_id:
            raise Invalid("email", N_("This is your own: change it on your own page."))
        if queries.reset_of(session, person.id) is not None:
            raise Invalid("email", N_("A reset for this person waits to be confirmed."))
        facts = {"person_id": person.id, "asked_by_id": actor.user_id, "asked_at": now}
        session.add(FactorReset(**facts, reason=reason))
        _log(session, actor, Action.FACTOR_RESET_ASKED, person.id, now, reason=reason)
        trying.tell(session, person, News.RESET_ASKED, now)


def confirm(actor: Actor, reset_id: UUID, now: datetime) -> None:
    """Take the second factor and all sessions from somebody. Raises NotAllowed, NotFound."""
    with transaction() as session:
        found = _decided(session, actor, reset_id)
        policy.may_confirm(actor, found).enforce()
        _reset(session, actor, found.person, now)


def dismiss(actor: Actor, reset_id: UUID, now: datetime) -> None:
    """Let everything be as it was. Raises NotAllowed, NotFound."""
    with transaction() as session:
        found = _decided(session, actor, reset_id)
        session.delete(found)
        _log(session, actor, Action.FACTOR_RESET_DISMISSED, found.person_id, now)


def reset_by_operator(email: str, now: datetime) -> None:
    """For whoever runs the machine, when no two administrators can sign in. Raises Invalid."""
    with transaction() as session:
        person = _with_factor(session, email)
        _reset(session, SYSTEM, person, now)


def _with_factor(session: Session, email: str) -> Person:
    person = account_queries.person_by_email(session, email)
    if person is not None:
        account_queries.lock_person(session, person.id)
    if person is None or queries.proven(session, person.id) is None:
        raise Invalid("email", NO_FACTOR)
    return person


def _decided(session: Session, actor: Actor, reset_id: UUID) -> FactorReset:
    """What is decided on; looked for again once nobody else is at it."""
    policy.may_reset(actor).enforce()
    found = queries.reset(session, reset_id)
    if found is not None:
        account_queries.lock_person(session, found.person_id)
        found = queries.reset(session, reset_id)
    if found is None:
        raise NotFound
    return found


def _reset(session: Session, actor: Actor, person: Person, now: datetime) -> None:
    for table in (FactorReset, SecondFactor, PendingSignIn):
        session.execute(delete(table).where(table.person_id == person.id))
    live = SignInSession.person_id == person.id, SignInSession.ended_at.is_(None)
    session.execute(update(SignInSession).where(*live).values(ended_at=now))
    _log(session, actor, Action.FACTOR_RESET, person.id, now)
    trying.tell(session, person, News.RESET, now)


def _log(
    session: Session, actor: Actor, what: Action, person_id: UUID, now: datetime, **facts: str
) -> None:
    audit.record(session, actor, what, f"person:{person_id}", now, **facts)
