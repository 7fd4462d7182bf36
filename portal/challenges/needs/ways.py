"""Where a challenge's page leads in needs: those of which it came, for who may read them."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.models import Challenge
from portal.challenges.needs import policy, queries
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """The needs behind a challenge; few, and asked for only when somebody is signed in."""
    if actor is None:
        return
    for need in queries.of_challenge(session, challenge.id):
        if policy.may_read(actor, need):
            yield Way(N_("The need behind it"), "needs.shown", {"need_id": need.id})
