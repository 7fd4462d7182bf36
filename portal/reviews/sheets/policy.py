"""Who may score."""

from portal.core.access import Actor, Decision, allow_if
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.policy import NOT_YOURS
from portal.reviews.rounds.rules import SeatState


def may_score(actor: Actor, seat: Seat) -> Decision:
    """A reviewer who accepted scores; after the last sheet nothing is changed."""
    own = seat.reviewer.person_id == actor.user_id
    return allow_if(own and seat.state is SeatState.ACCEPTED, NOT_YOURS)
