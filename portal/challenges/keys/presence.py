"""At the opening each custodian confirms with their own password that it is they who type."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.confirming import is_password_of
from portal.challenges.keys import queries


def absent(session: Session, challenge_id: UUID, passwords: Mapping[int, str]) -> list[int]:
    """The holders whose password is not the one of the share's custodian."""
    key = queries.key_of(session, challenge_id)
    held = key.by_holder if key else {}
    return [
        holder
        for holder, password in passwords.items()
        if holder not in held or not is_password_of(session, held[holder].person_id, password)
    ]
