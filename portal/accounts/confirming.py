"""Asking for the password once more, before an act that only its owner may do."""

from uuid import UUID

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.service import hasher


def is_password_of(session: Session, person_id: UUID, password: str) -> bool:
    """Whether this is the password of an active account."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return False
    try:
        return hasher.verify(person.password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
