"""Amendments for tests, made by the services themselves."""

from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.challenges.amendments import drafting, service
from portal.challenges.amendments.models import Amendment
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.remembered import remembered

REASON = "应用场景建设周期调整,相应修改榜题要求。"


def officer_of(challenge: Challenge) -> Actor:
    """An officer of the issuing body."""
    return actor_of(make_officer(challenge))


def no_bids(session: Session, challenge: Challenge, now: object) -> int:
    """Nobody has handed in."""
    return 0


@remembered
def make_amendment(
    challenge: Challenge | None = None,
    proposed: bool = False,
    applied: bool = False,
    by: Actor | None = None,
    **values: Any,
) -> Amendment:
    """A draft that changes the duration or what is told, or one further on (a trait)."""
    now = clock.now(db.session)
    challenge = challenge or make_challenge(published=True)
    first, second = by or officer_of(challenge), officer_of(challenge)
    db.session.commit()
    made = service.start(first, challenge.id, now)
    drafting.edit(first, made.id, values or {"months": 30}, made.revision, now)
    if proposed or applied:
        service.propose(first, made.id, REASON, now)
    if applied:
        service.approve(second, made.id, service.stamp_of(made), no_bids, now)
    return made
