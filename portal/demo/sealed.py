"""The demonstration's sealed bids: one challenge waits for its custodians, one has lost its shares."""

from collections.abc import Iterator

from flask import current_app

from portal.bids.counting import publishing
from portal.bids.losses import queries, service
from portal.challenges.rules import ChallengeState
from portal.core.db import db
from portal.core.files import FileStore
from portal.demo.challenges import moment, person, titled
from portal.demo.course import handed_in
from portal.demo.teams import Row


def rows(file: Row) -> int:
    """How many steps the loading takes."""
    return len(file["challenges"]) + len(file["bids"]) + 1


def load_sealed(file: Row, store: FileStore) -> Iterator[str]:
    """Enter the call with its bids, none of them opened; yields each step."""
    yield from handed_in(file, store)
    _lose(file["lost"], file["call"]["officer"])
    yield file["lost"]["challenge"]


def _lose(row: Row, email: str) -> None:
    """Two custodians lost their sheets: declared by the officer, confirmed by the auditor."""
    challenge = titled(row["challenge"])
    declared, confirmed = moment(challenge, row["declared"]), moment(challenge, row["confirmed"])
    if challenge.state is not ChallengeState.PUBLISHED:
        return
    publishing.publish(challenge.id, current_app.extensions["portal_signer"], declared)
    if queries.standing(db.session, challenge.id) is None:
        service.declare(person(email), challenge.id, row["reason"], row["days"], declared)
    service.confirm(person(row["confirmed"]["by"]), challenge.id, confirmed)
