"""A reviewer's one answer for all bids of a call that they are asked to read."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids.models import Bid
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.reviews.allotment import queries
from portal.reviews.conflicts import declaring
from portal.reviews.conflicts.declaring import Tie
from portal.reviews.rounds import answers, policy
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SeatState


def asked(session: Session, seats: list[Seat]) -> list[Bid]:
    """The bids of all these seats, in the order in which ties are declared."""
    return [bid for seat in seats for bid in round_queries.bids_of(session, seat)]


def answer(actor: Actor, call_id: UUID, ties: Mapping[UUID, Tie], now: datetime) -> None:
    """Declare ties bid by bid, and take the others; bids with a tie go to somebody else.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput for a line left out.
    """
    with transaction() as session:
        seats, rounds = _lock(session, actor, call_id)
        problems = declaring.problems(asked(session, seats), ties)
        if problems:
            raise InvalidInput(problems)
        for seat in seats:
            policy.may_answer(actor, seat, now).enforce()
            declaring.settle(session, actor, seat, ties, rounds[seat.round.challenge_id], now)


def decline(actor: Actor, call_id: UUID, reason: str, now: datetime) -> None:
    """Give all of it back, with a reason. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        seats, _ = _lock(session, actor, call_id)
        for seat in seats:
            policy.may_answer(actor, seat, now).enforce()
            answers.leave(session, actor, seat, reason, now)


def _lock(
    session: Session, actor: Actor, call_id: UUID
) -> tuple[list[Seat], dict[UUID, list[Round]]]:
    """One's invitations in a call, the rounds of their challenges locked in the order of their ids."""
    seats = queries.own_seats(session, actor, call_id, SeatState.INVITED)
    places = sorted({seat.round.challenge_id for seat in seats})
    rounds = {one: round_queries.lock_all(session, one) for one in places}
    for seat in seats:
        session.refresh(seat, ["state"])
    return seats, rounds
