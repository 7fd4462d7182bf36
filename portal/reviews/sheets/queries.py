"""Reads of score sheets."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.challenges.models import Call, Challenge
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.reviews.conflicts.models import Declaration
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SEATED, SeatState
from portal.reviews.sheets.models import Score, Sheet
from portal.reviews.sheets.rules import SheetState


def sheet_visible_to(session: Session, actor: Actor, sheet_id: UUID) -> Sheet:
    """A sheet of a seat that the reviewer accepted, having declared no tie to its bid.

    Raises NotFound.
    """
    declared_free = (
        select(Declaration.id)
        .where(
            Declaration.seat_id == Sheet.seat_id,
            Declaration.bid_id == Sheet.bid_id,
            Declaration.tie.is_(None),
        )
        .exists()
    )
    sheet = session.scalars(
        select(Sheet)
        .join(Sheet.seat)
        .join(Seat.reviewer)
        .where(
            Sheet.id == sheet_id,
            Sheet.state != SheetState.VOID,
            Reviewer.person_id == actor.user_id,
            Seat.state.in_([SeatState.ACCEPTED, SeatState.DONE]),
            declared_free,
        )
        .options(
            joinedload(Sheet.bid),
            selectinload(Sheet.scores),
            joinedload(Sheet.seat)
            .joinedload(Seat.round)
            .joinedload(Round.challenge)
            .joinedload(Challenge.call)
            .joinedload(Call.cluster),
        )
    ).one_or_none()
    if sheet is None:
        raise NotFound
    return sheet


def sheets_of(session: Session, round_id: UUID) -> Sequence[Sheet]:
    """The sheets of the seats that count, with their scores."""
    return session.scalars(
        select(Sheet)
        .join(Sheet.seat)
        .where(Seat.round_id == round_id, Seat.state.in_(list(SEATED)))
        .where(Sheet.state != SheetState.VOID)
        .options(selectinload(Sheet.scores).joinedload(Score.criterion), joinedload(Sheet.seat))
        .order_by(Sheet.bid_id, Sheet.seat_id)
        .execution_options(populate_existing=True)
    ).all()
