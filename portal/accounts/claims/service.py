"""Accounts made for experts from a list: nobody can sign in until the owner has chosen a password."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries, service
from portal.accounts.models import Organisation, Person
from portal.accounts.rules import UNCLAIMED, check_password
from portal.accounts.service import OrganisationFacts, PersonFacts
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.errors import NotFound

PURPOSE = "account-claim"
"""What the token of the link is for."""


def enter_organisation(
    session: Session, actor: Actor, facts: OrganisationFacts, now: datetime
) -> Organisation:
    """Register an organisation in a transaction of the caller's. Raises Invalid, InvalidInput."""
    return service.add_organisation_in(session, actor, facts, now)


def enter_expert(
    session: Session, actor: Actor, name: str, email: str, home: Organisation, now: datetime
) -> Person:
    """A reviewer's account that waits for its owner, in a transaction of the caller's."""
    nobody_knows = secrets.token_urlsafe(24)
    facts = PersonFacts(name, email, nobody_knows, hashed=UNCLAIMED)
    return service.add_person_in(session, actor, facts, home, [Role.REVIEWER], now)


def unclaimed(session: Session, person_id: UUID | None) -> Person:
    """The account that a link names, as long as nobody has taken it over. Raises NotFound."""
    found = session.get(Person, person_id) if person_id else None
    if found is None or not found.active or found.password_hash != UNCLAIMED:
        raise NotFound
    return found


def claim(person_id: UUID, password: str, now: datetime) -> None:
    """Choose the first password of one's account. Raises NotFound, Invalid."""
    with transaction() as session:
        queries.lock_person(session, person_id)
        person = unclaimed(session, person_id)
        session.refresh(person)
        unclaimed(session, person_id)
        check_password(password, person.email)
        person.password_hash = service.hasher.hash(password)
        who = queries.actor_of(person)
        audit.record(session, who, Action.ACCOUNT_CLAIMED, f"person:{person.id}", now)
