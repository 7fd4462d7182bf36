"""Having the opened bids compared, and judging a pair."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids.likeness import policy, queries, rules
from portal.bids.likeness.rules import PAIR_MOVES, PairState
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.core import jobs
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.jobs import Job, Wish
from portal.core.titles import both
from portal.core.words import N_, Message

KIND = "bids.likeness"


def ask(actor: Actor, challenge_id: UUID, now: datetime) -> Job:
    """Have the bids compared once more. Raises NotAllowed, NotFound."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        policy.may_compare(actor, challenge).enforce()
        audit.record(session, actor, Action.LIKENESS_ASKED, challenge.subject_ref, now)
        return jobs.ask(session, actor, _wish(challenge))


def ask_after_opening(session: Session, challenge: Challenge) -> Job:
    """Have the bids compared because they were opened; once, however often it is called."""
    return jobs.ask(session, None, _wish(challenge), once=True)


def _wish(challenge: Challenge) -> Wish:
    title = N_("Comparison of the bids on “%(title)s”")
    return Wish(
        kind=KIND,
        subject=challenge.subject_ref,
        title=Message(title, {"title": both(challenge)}),
        organisation_id=challenge.call.issuer_id,
        back=f"/challenges/{challenge.code}/likeness",
        parameters={"challenge_id": str(challenge.id), "code": challenge.code},
    )


def judge(actor: Actor, pair_id: UUID, verdict: PairState, note: str, now: datetime) -> None:
    """Say what one makes of a pair, and why. Raises NotFound, NotAllowed, IllegalMove, Invalid."""
    action = "clear" if verdict is PairState.HARMLESS else "follow_up"
    with transaction() as session:
        pair = queries.lock(session, pair_id)
        policy.may_judge(actor, pair).enforce()
        pair.note = rules.require_note(note)
        PAIR_MOVES.move(pair, action)
        pair.judged_by, pair.judged_at = actor.user_id, now
        facts = {"verdict": pair.state.value, "bids": f"{pair.bid_id},{pair.other_id}"}
        audit.record(session, actor, Action.LIKENESS_JUDGED, pair.subject_ref, now, **facts)
