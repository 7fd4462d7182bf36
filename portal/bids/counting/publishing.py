"""The count of a deadline, published as far as it goes: with its number, under a public checkpoint."""

from datetime import datetime
from uuid import UUID

from portal.audit import checkpoints
from portal.audit.rules import Occasion
from portal.bids.counting import queries, service
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.signing import Signer


def publish(challenge_id: UUID, signer: Signer, now: datetime) -> None:
    """See to it that the count stands in the log where everybody sees it, before anything is opened.

    Beat does the same within seconds of the deadline; whoever opens does not wait for it. Nothing
    happens before the deadline. Three transactions, each of which may be the last that was needed.
    """
    if service.count(challenge_id, now) is None:
        return
    if not queries.is_published(db.session, db.session.get_one(Challenge, challenge_id)):
        checkpoints.make(signer, Occasion.DEADLINE, now)
