"""The gate of a challenge: submissions pass it together; opening or cancelling closes it.

Advisory locks, not the challenge's row: a row lock made submissions wait for each other, and in the
hour before a deadline bids that had come in time were refused.
"""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def _number(*parts: str) -> int:
    digest = hashlib.sha256(":".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def enter(session: Session, challenge_id: UUID) -> None:
    """Pass the gate; an opening or a cancelling waits until this transaction is over."""
    number = _number("gate", str(challenge_id))
    session.execute(select(func.pg_advisory_xact_lock_shared(number)))


def close(session: Session, challenge_id: UUID) -> None:
    """Close the gate: waits for everybody who is in it, and nobody enters until the commit."""
    number = _number("gate", str(challenge_id))
    session.execute(select(func.pg_advisory_xact_lock(number)))


def hold_places(session: Session, challenge_id: UUID, organisations: Iterable[UUID]) -> None:
    """Let nobody else put these organisations on a team of the challenge until the commit.

    In one order for all, so that two teams with common members cannot wait for each other.
    """
    for organisation_id in sorted(organisations):
        number = _number("place", str(challenge_id), str(organisation_id))
        session.execute(select(func.pg_advisory_xact_lock(number)))


def hold_standings(session: Session, call_id: UUID, organisations: Iterable[UUID]) -> None:
    """Let nobody else count these organisations' bids in the call until the commit; after places."""
    for organisation_id in sorted(organisations):
        number = _number("standing", str(call_id), str(organisation_id))
        session.execute(select(func.pg_advisory_xact_lock(number)))
