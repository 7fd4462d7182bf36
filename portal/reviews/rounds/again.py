"""Reviewing again after an upheld objection: other experts of the draw take the seats."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges.models import Challenge
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import Actor
from portal.core.outbox import Topic
from portal.core.words import N_
from portal.reviews.rounds import leaving, queries
from portal.reviews.rounds.rules import ROUND_MOVES, SEAT_MOVES, RoundKind, RoundState
from portal.reviews.sheets.rules import SHEET_MOVES

FREED = N_(
    "The bids on “%(title)s” are reviewed again by other experts; your sheets count no more."
)


def review_again(
    session: Session, actor: Actor, challenge: Challenge, reason: str, now: datetime
) -> None:
    """Void every sheet of the challenge's rounds and free their seats for the next in order.

    The challenge is ranked before and in review afterwards. Raises IllegalMove.
    """
    advance(challenge, "review_again", now)
    for review in queries.lock_all(session, challenge.id):
        if review.state is not RoundState.RANKED or review.kind is RoundKind.MEETING:
            continue
        ROUND_MOVES.move(review, "reopen")
        review.ranked_at = None
        for seat in review.seats:
            for sheet in seat.sheets:
                if SHEET_MOVES.allows(sheet.state, "void"):
                    leaving.void(session, actor, sheet, "objection", now)
            if SEAT_MOVES.allows(seat.state, "excuse"):
                SEAT_MOVES.move(seat, "excuse")
                seat.reason = reason
                leaving.tell(session, seat, FREED)
        audit.record(session, actor, Action.ROUND_REOPENED, review.subject_ref, now, reason=reason)
        outbox.announce(session, Topic.SEAT_VACATED, round_id=review.id)
