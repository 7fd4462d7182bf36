"""Counting the sealed bids of a challenge once its deadline has passed."""

from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids.counting import queries
from portal.bids.counting.fingerprints import root_of
from portal.bids.counting.models import BidCount
from portal.bids.rules import opens_at
from portal.challenges import gate
from portal.challenges import queries as challenge_queries
from portal.challenges.rules import ChallengeState
from portal.core.access import SYSTEM
from portal.core.db import transaction


def count(challenge_id: UUID, now: datetime) -> BidCount | None:
    """Publish the number of bids and the root of their fingerprints, once for a deadline.

    Returns what was published; None before its time and for what is no longer sealed. Nothing is
    asked of who calls: beat does, and the opening does first of all. Raises NotFound.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        known = queries.count_of(session, challenge)
        closes_at = challenge.closes_at
        due = closes_at is not None and now >= opens_at(closes_at)
        if known or closes_at is None or not due or challenge.state is not ChallengeState.PUBLISHED:
            return known
        gate.close(session, challenge_id)
        found = queries.fingerprints(session, challenge_id)
        made = BidCount(
            challenge_id=challenge_id,
            closes_at=closes_at,
            count=len(found),
            root=root_of(found),
            counted_at=now,
        )
        session.add(made)
        facts = {"count": made.count, "root": made.root, "closes_at": closes_at}
        audit.record(session, SYSTEM, Action.BIDS_COUNTED, challenge.subject_ref, now, **facts)
    return made
