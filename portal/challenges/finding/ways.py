"""A challenge's page leads to following it, and to letting it go."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.finding import policy, queries
from portal.challenges.models import Challenge
from portal.challenges.ways import Way
from portal.core.access import Actor
from portal.core.words import N_


def ways_on(
    session: Session, actor: Actor | None, challenge: Challenge, now: datetime
) -> Iterator[Way]:
    """Follow, or stop following."""
    if actor is None or not policy.may_follow(actor, challenge):
        return
    if queries.follows(session, actor, challenge.id):
        values = {"challenge_id": challenge.id, "back": challenge.code}
        yield Way(N_("Stop following"), "finding.unfollow", values, is_act=True, is_quiet=True)
    else:
        code = {"code": challenge.code}
        yield Way(N_("Follow this challenge"), "finding.follow", code, is_act=True, is_quiet=True)
