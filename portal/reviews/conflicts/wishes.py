"""A team's wish that an expert keeps away (回避申请), and an officer's decision on it."""

from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove
from portal.core.words import N_
from portal.reviews.conflicts import policy, queries, rules
from portal.reviews.conflicts.late import free_crossed
from portal.reviews.conflicts.models import AvoidDecision
from portal.reviews.conflicts.service import find
from portal.reviews.rounds import queries as round_queries

DECIDED = N_("This wish is decided.")


def decide(
    actor: Actor, challenge_id: UUID, wish_id: UUID, granted: bool, reason: str, now: datetime
) -> None:
    """Grant a wish or refuse it, with a reason; this is final.

    Raises NotFound, NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        rounds = round_queries.lock_all(session, challenge_id)
        challenge = challenges.lock(session, challenge_id)
        policy.may_decide(actor, challenge).enforce()
        wish = queries.wish(session, challenge_id, wish_id)
        if wish.decision is not None:
            raise IllegalMove(DECIDED)
        decision = AvoidDecision(
            bid_id=wish.bid.id,
            identity=wish.row.identity,
            granted=granted,
            reason=rules.require_reason(reason),
            decided_by=actor.user_id,
            decided_at=now,
        )
        session.add(decision)
        session.flush()
        ref = wish.bid.subject_ref
        audit.record(session, actor, Action.AVOIDANCE_DECIDED, ref, now, granted=granted)
        find(session, challenge_id, now)
        free_crossed(session, actor, challenge, rounds, now)
