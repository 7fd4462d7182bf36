"""Where a challenge's page leads in amendments, for the officers of the issuing body."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.amendments import policy, queries
from portal.challenges.models import Challenge
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """What this reader may do about amendments."""
    if actor is None or not policy.may_extend(actor, challenge):
        return
    live = queries.live(session, challenge.id)
    if live is not None:
        yield Way(
            N_("To the amendment in the making"), "amendments.desk", {"amendment_id": live.id}
        )
        return
    here = {"challenge_id": challenge.id}
    if policy.may_amend(actor, challenge, now):
        yield Way(N_("Amend"), "amendments.start", here, is_act=True, is_quiet=True)
    yield Way(N_("Extend the deadline"), "amendments.extend", here)
