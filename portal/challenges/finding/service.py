"""Following challenges."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from portal.challenges import queries as challenge_queries
from portal.challenges.finding import policy
from portal.challenges.finding.models import Follow
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import NotFound


def follow(actor: Actor, code: str, now: datetime) -> None:
    """Tell the actor from now on what becomes of a challenge; twice is once. Raises NotFound."""
    with transaction() as session:
        challenge = challenge_queries.by_code(session, code)
        if challenge is None or not policy.may_follow(actor, challenge):
            raise NotFound
        row = {"person_id": actor.user_id, "challenge_id": challenge.id, "at": now}
        session.execute(insert(Follow).values(row).on_conflict_do_nothing())


def unfollow(actor: Actor, challenge_id: UUID) -> None:
    """Tell the actor no more of a challenge; nothing happens if they did not follow it."""
    with transaction() as session:
        mine = Follow.person_id == actor.user_id, Follow.challenge_id == challenge_id
        session.execute(delete(Follow).where(*mine))
