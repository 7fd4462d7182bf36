"""What a reviewer answers to an invitation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.outbox import Topic
from portal.reviews.conflicts.declarations import keep_none
from portal.reviews.rounds import leaving, policy, queries
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SEAT_MOVES


def accept(actor: Actor, seat_id: UUID, now: datetime) -> Seat:
    """Take the seat, declaring that there is no tie to any bid.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    with transaction() as session:
        seat = own(session, actor, seat_id)
        policy.may_answer(actor, seat, now).enforce()
        keep_none(session, seat, now)
        take(session, actor, seat, now)
    return seat


def take(session: Session, actor: Actor, seat: Seat, now: datetime) -> None:
    """Take a seat whose ties are declared, in a transaction of the caller's. Raises IllegalMove."""
    SEAT_MOVES.move(seat, "accept")
    seat.answered_at = now
    audit.record(session, actor, Action.SEAT_ACCEPTED, f"seat:{seat.id}", now)
    outbox.announce(session, Topic.SEAT_ACCEPTED, round_id=seat.round_id)
    if seat.only_bid_id:
        outbox.announce(session, Topic.FURTHER_SEAT, round_id=seat.round_id)


def decline(actor: Actor, seat_id: UUID, reason: str, now: datetime) -> Seat:
    """Give the seat back, with a reason: its sheets are void, as leaving.leave has it.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    with transaction() as session:
        seat = own(session, actor, seat_id)
        policy.may_answer(actor, seat, now).enforce()
        leave(session, actor, seat, reason, now)
    return seat


def leave(session: Session, actor: Actor, seat: Seat, reason: str, now: datetime) -> None:
    """Give a seat back, in a transaction of the caller's. Raises IllegalMove."""
    leaving.leave(session, actor, seat, "decline", reason, now)
    seat.answered_at = now
    audit.record(session, actor, Action.SEAT_DECLINED, f"seat:{seat.id}", now, reason=reason)
    outbox.announce(session, Topic.SEAT_VACATED, round_id=seat.round_id)


def own(session: Session, actor: Actor, seat_id: UUID) -> Seat:
    """One's own seat, its round locked first, so that tasks and answers take turns."""
    seat = queries.own_seat(session, actor, seat_id)
    queries.lock(session, seat.round_id)
    session.refresh(seat, ["state"])
    return seat
