"""What follows from upheld objections when their notice is withdrawn."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards import queries
from portal.awards.models import Notice
from portal.awards.objections.rules import Effect
from portal.bids import queries as bid_queries
from portal.bids.rules import BID_MOVES
from portal.core.access import Actor
from portal.reviews.rounds import again


def carry_out(session: Session, actor: Actor, notice: Notice, reason: str, now: datetime) -> None:
    """Check again, review again; a bid that is left out is kept out by the next decision."""
    upheld = queries.upheld_against(session, notice)
    for objection in upheld:
        if objection.effect is Effect.RECHECK and objection.bid_id is not None:
            bid = bid_queries.lock(session, objection.bid_id)
            if BID_MOVES.allows(bid.state, "recheck"):
                BID_MOVES.move(bid, "recheck")
                facts = {"objection": objection.id}
                audit.record(session, actor, Action.BID_RECHECKED, bid.subject_ref, now, **facts)
    if any(one.effect is Effect.REREVIEW for one in upheld):
        again.review_again(session, actor, notice.challenge, reason, now)
