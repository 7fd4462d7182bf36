"""Who may score, and who gives a sheet back."""

from portal.challenges import policy as challenge_policy
from portal.core.access import Actor, Decision, allow_if
from portal.core.words import N_
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.policy import NOT_YOURS
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.models import SheetReturn


def may_score(actor: Actor, seat: Seat) -> Decision:
    """A reviewer who accepted scores; after the last sheet nothing is changed."""
    own = seat.reviewer.person_id == actor.user_id
    return allow_if(own and seat.state is SeatState.ACCEPTED, NOT_YOURS)


def may_give_back(actor: Actor, review: Round) -> Decision:
    """Officers of the issuing body, until the ranking: what rests on a ranking is not written anew."""
    decision = challenge_policy.may_manage(actor, review.challenge)
    if not decision:
        return decision
    open_still = review.state in (RoundState.INVITING, RoundState.SCORING)
    return allow_if(open_still, N_("The round is ranked: its sheets stand."))


def may_agree(actor: Actor, asked: SheetReturn, review: Round) -> Decision:
    """Another of these officers than the one who asked."""
    decision = may_give_back(actor, review)
    if not decision:
        return decision
    return allow_if(asked.asked_by != actor.user_id, N_("You have asked; another officer agrees."))
