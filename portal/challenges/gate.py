"""The gate of a challenge: submissions pass it together; opening or cancelling closes it.

Advisory locks, not the challenge's row: a row lock made submissions wait for each other, and in the
hour before a deadline bids that had come in time were refused.
"""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select, text
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


def hold_teams(
    session: Session, call_id: UUID, challenge_id: UUID, organisations: Iterable[UUID]
) -> None:
    """Let nobody else put these organisations on a team of the challenge, or count their bids in its
    call, until the commit.

    In one order for all, places before standings, so that two teams with common members cannot wait
    for each other.
    """
    homes = sorted(organisations)
    numbers = [_number("place", str(challenge_id), str(home)) for home in homes]
    numbers += [_number("standing", str(call_id), str(home)) for home in homes]
    session.execute(_HELD, {"numbers": numbers})


_HELD = text(
    "SELECT pg_advisory_xact_lock(number) FROM unnest(CAST(:numbers AS bigint[])) AS number"
)
"""Takes the locks in the order of the array."""
