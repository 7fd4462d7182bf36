"""A reviewer's one answer for all bids of a call that they are asked to read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids.models import Bid
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import check
from portal.reviews.allotment import queries
from portal.reviews.conflicts import declaring, naming
from portal.reviews.conflicts.declaring import Tie
from portal.reviews.conflicts.naming import Named
from portal.reviews.rounds import answers, policy
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets.aliases import is_blind


def shown(seats: Sequence[Seat]) -> list[Seat]:
    """Those whose teams the reviewer may learn; of a blind round ties are named instead."""
    return [seat for seat in seats if not is_blind(seat.round)]


def asked(session: Session, seats: Sequence[Seat]) -> list[Bid]:
    """The bids of those seats, in the order in which ties are declared."""
    return [bid for seat in shown(seats) for bid in round_queries.bids_of(session, seat)]


def answer(
    actor: Actor,
    call_id: UUID,
    ties: Mapping[UUID, Tie],
    named: Sequence[Named],
    now: datetime,
) -> None:
    """Declare ties bid by bid, and take the others; bids with a tie go to somebody else.

    `named` are the ties by name, looked for among the bids of blind rounds.
    Raises NotFound, NotAllowed, IllegalMove, InvalidInput for a line left out.
    """
    with transaction() as session:
        seats, rounds = _lock(session, actor, call_id)
        check(*declaring.problems(asked(session, seats), ties), *naming.problems(named))
        for seat in seats:
            policy.may_answer(actor, seat, now).enforce()
            there = rounds[seat.round.challenge_id]
            if is_blind(seat.round):
                naming.settle(session, actor, seat, named, there, now)
            else:
                declaring.settle(session, actor, seat, ties, there, now)


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
