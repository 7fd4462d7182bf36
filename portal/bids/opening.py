"""After the deadline: opening the bids, and a challenge without a bid."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import news, queries, rules
from portal.bids.checks import readings
from portal.bids.checks.queries import require_no_reply_due
from portal.bids.likeness.service import ask_after_opening
from portal.bids.rules import BidState
from portal.challenges import gate
from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.words import N_


def fail_challenge(actor: Actor, challenge_id: UUID, reason: str, now: datetime) -> None:
    """End a challenge for which too few bids came, or too few passed the formal check.

    Raises NotAllowed, TooEarly, IllegalMove, Invalid.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        challenge_policy.may_manage(actor, challenge).enforce()
        rules.require_openable(challenge.closes_at, now)
        gate.close(session, challenge_id)
        rules.require_hopeless(queries.tally(session, challenge_id), challenge.rules.bids_min)
        require_no_reply_due(session, challenge_id, now)
        if challenge.state not in (ChallengeState.PUBLISHED, ChallengeState.OPENED):
            raise IllegalMove(N_("This challenge cannot be closed now."))
        if len(reason.strip()) < rules.REASON_MINIMUM:
            few = N_("At least %(min)d characters, please.")
            raise Invalid("reason", few, min=rules.REASON_MINIMUM)
        advance(challenge, "fail", now)
        challenge.closing_reason = reason.strip()
        ref, why = challenge.subject_ref, challenge.closing_reason
        audit.record(session, actor, Action.CHALLENGE_FAILED, ref, now, reason=why)
        news.failed(session, challenge, queries.handed_in(session, challenge_id), why)


def count_handed_in(session: Session, challenge: Challenge, now: datetime) -> int:
    """How many bids wait to be opened; nobody is told before the deadline. Raises TooEarly."""
    rules.require_openable(challenge.closes_at, now)
    return queries.tally(session, challenge.id).get(BidState.SUBMITTED, 0)


def tell_team(version_id: UUID, now: datetime) -> None:
    """Tell the team what was handed in; once, however often it is called."""
    with transaction() as session:
        version = queries.version(session, version_id)
        if version is not None:
            news.submitted(session, version)


def tell_teams_of_opening(challenge_id: UUID, now: datetime) -> None:
    """Tell the teams and the officers that the bids are open, have the files read and the bids
    compared; once, however often it is called."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        news.opened(session, challenge, queries.of_challenge(session, challenge_id))
        readings.ask(session, challenge, once=True)
        ask_after_opening(session, challenge)
