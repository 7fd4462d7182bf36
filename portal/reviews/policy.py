"""Who may run a round, sit in it, and read the pool."""

from datetime import datetime

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.core.access import ALLOW, OFFICERS, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_
from portal.reviews.models import Seat
from portal.reviews.rules import SeatState

NOT_YOURS = N_("This seat belongs to another reviewer.")


def may_start(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body start the round."""
    return challenge_policy.may_manage(actor, challenge)


def may_watch(actor: Actor, challenge: Challenge) -> Decision:
    """Who reads opened bids may also watch the round."""
    return challenge_policy.may_read_papers(actor, challenge)


def may_answer(actor: Actor, seat: Seat, now: datetime) -> Decision:
    """A reviewer answers their own invitation, in time."""
    if seat.reviewer.person_id != actor.user_id:
        return deny(NOT_YOURS)
    if seat.state is SeatState.INVITED and now >= seat.answer_by:
        return deny(N_("The time to answer this invitation is over."))
    return ALLOW


def may_score(actor: Actor, seat: Seat) -> Decision:
    """A reviewer who accepted scores; after the last sheet nothing is changed."""
    own = seat.reviewer.person_id == actor.user_id
    return allow_if(own and seat.state is SeatState.ACCEPTED, NOT_YOURS)


def may_read_pool(actor: Actor) -> Decision:
    """Officers, auditors and administrators read the pool."""
    allowed = actor.has(Role.AUDITOR, Role.ADMINISTRATOR, *OFFICERS)
    return allow_if(allowed, N_("The pool is open to officers, auditors and administrators."))


def may_enter_pool(actor: Actor) -> Decision:
    """Officers and administrators enter reviewers."""
    allowed = actor.has(Role.ADMINISTRATOR, *OFFICERS)
    return allow_if(allowed, N_("Only officers and administrators enter reviewers."))
