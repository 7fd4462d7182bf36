"""The demonstration's opening keys: their shares are printed in its data, so that anybody can open.

Only here. A real share is made when its custodian asks for it, and nobody else ever has it.
"""

from datetime import datetime
from uuid import UUID

from portal.accounts import queries as accounts
from portal.challenges.keys import queries, service
from portal.challenges.keys.rules import HOLDERS
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.sealing.envelope import Randomness
from portal.core.sealing.shares import typed
from portal.demo.reading import data


def shares() -> dict[int, str]:
    """The printed shares of every challenge of the demonstration, by holder."""
    return {int(holder): str(text) for holder, text in data("shares")["printed"].items()}


def _custodian(holder: int, second: Actor) -> Actor:
    """Who holds a share: the second officer, the auditor, the notary. Raises NotFound."""
    email = data("shares")["custodians"].get(holder)
    found = accounts.actor_by_email(db.session, email) if email else second
    if found is None:
        raise NotFound
    return found


def choose_custodians(officer: Actor, second: Actor, challenge_id: UUID, now: datetime) -> None:
    """Name the three custodians, as is done before publishing."""
    people: dict[int, UUID | None] = {
        holder: _custodian(holder, second).user_id for holder in HOLDERS
    }
    service.name(officer, challenge_id, people, now)


def prove_shares(second: Actor, challenge_id: UUID, now: datetime) -> None:
    """Let each custodian take the share of the data and prove it: the key is made."""
    key = queries.key_of(db.session, challenge_id)
    if key is None:
        raise NotFound
    password = str(data("people")["password"])
    for holder, share in key.by_holder.items():
        person, secret = _custodian(holder, second), bytes(typed(shares()[holder]))
        printed, _ = service.take(person, share.id, password, now, _known(secret))
        service.prove(person, share.id, printed, now)


def _known(secret: bytes) -> Randomness:
    def draw(size: int) -> bytes:
        return secret

    return draw
