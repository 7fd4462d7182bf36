"""Who may run a round, watch it, and sit in it."""

from datetime import datetime

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.core.access import ALLOW, Actor, Decision, deny
from portal.core.words import N_
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState

NOT_YOURS = N_("This seat belongs to another reviewer.")


def may_start(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body start the round."""
    return challenge_policy.may_manage(actor, challenge)


def may_watch(actor: Actor, challenge: Challenge) -> Decision:
    """Who reads opened bids may also watch the round."""
    return challenge_policy.may_read_papers(actor, challenge)


def may_override(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body step in where a round stands still, each time with a reason."""
    return challenge_policy.may_manage(actor, challenge)


def may_answer(actor: Actor, seat: Seat, now: datetime) -> Decision:
    """A reviewer answers their own invitation, in time."""
    if seat.reviewer.person_id != actor.user_id:
        return deny(NOT_YOURS)
    if seat.state is SeatState.INVITED and now >= seat.answer_by:
        return deny(N_("The time to answer this invitation is over."))
    return ALLOW
