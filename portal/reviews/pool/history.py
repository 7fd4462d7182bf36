"""What became of an expert's invitations and sheets, from the tables of rounds and sheets."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState

TAKEN = (
    SeatState.ACCEPTED,
    SeatState.DONE,
    SeatState.REPLACED,
    SeatState.EXCUSED,
    SeatState.LEFT_OUT,
)
"""The states of a seat that was accepted, if it was answered."""
COMPARED_FROM = 3
"""Sheets below which nothing is said of how far somebody is from the others."""


@dataclass(frozen=True)
class History:
    """Counts of seats and sheets; `leaning` and `distance` in points of 100, from the mean of the
    others on the same bid, over `compared` sheets of rounds that are ranked."""

    invited: int = 0
    accepted: int = 0
    declined: int = 0
    silent: int = 0
    sheets: int = 0
    submitted: int = 0
    on_time: int = 0
    compared: int = 0
    leaning: Decimal | None = None
    distance: Decimal | None = None

    @property
    def is_compared(self) -> bool:
        """Whether there is enough to say how far they are from the others."""
        return self.compared >= COMPARED_FROM


def histories(session: Session, reviewers: Iterable[UUID]) -> dict[UUID, History]:
    """The history of each of these experts, in one query."""
    ids = list(reviewers)
    seats, sheets = _seats(ids).subquery(), _sheets(ids).subquery()
    columns = [column for part in (seats, sheets) for column in part.c if column.key != "of"]
    query = (
        select(Reviewer.id, *columns)
        .outerjoin(seats, seats.c.of == Reviewer.id)
        .outerjoin(sheets, sheets.c.of == Reviewer.id)
        .where(Reviewer.id.in_(ids))
    )
    found = {}
    for row in session.execute(query).mappings():
        told = {column.key: row[column] for column in columns if row[column] is not None}
        found[row[Reviewer.id]] = History(**told)
    return found


def _seats(ids: list[UUID]) -> Select[Any]:
    def number(*states: SeatState) -> Any:
        return func.count().filter(Seat.state.in_(states))

    def answered(*states: SeatState) -> Any:
        return func.count().filter(Seat.state.in_(states), Seat.answered_at.is_not(None))

    silent = func.count().filter(Seat.state == SeatState.REPLACED, Seat.answered_at.is_(None))
    return (
        select(
            Seat.reviewer_id.label("of"),
            func.count().label("invited"),
            answered(*TAKEN).label("accepted"),
            number(SeatState.DECLINED).label("declined"),
            silent.label("silent"),
        )
        .where(Seat.reviewer_id.in_(ids))
        .group_by(Seat.reviewer_id)
    )


def _sheets(ids: list[UUID]) -> Select[Any]:
    """Void sheets do not count; a bid that nobody else has scored says nothing of distance."""
    submitted = Sheet.state == SheetState.SUBMITTED
    others = _mean_of_others()
    away = Sheet.total - others
    is_compared = and_(submitted, Round.state == RoundState.RANKED, others.is_not(None))
    mean = func.round(func.avg(away).filter(is_compared), 1)
    return (
        select(
            Seat.reviewer_id.label("of"),
            func.count().label("sheets"),
            func.count().filter(submitted).label("submitted"),
            func.count()
            .filter(
                submitted, Sheet.submitted_at <= func.coalesce(Seat.due_at, Round.sheets_due_at)
            )
            .label("on_time"),
            func.count().filter(is_compared).label("compared"),
            mean.label("leaning"),
            func.round(func.avg(func.abs(away)).filter(is_compared), 1).label("distance"),
        )
        .join(Seat, Seat.id == Sheet.seat_id)
        .join(Round, Round.id == Seat.round_id)
        .where(Seat.reviewer_id.in_(ids), Sheet.state != SheetState.VOID)
        .group_by(Seat.reviewer_id)
    )


def _mean_of_others() -> Any:
    """The mean of the other submitted sheets on the same bid in the same round."""
    other, seat = aliased(Sheet), aliased(Seat)
    return (
        select(func.avg(other.total))
        .join(seat, seat.id == other.seat_id)
        .where(
            other.bid_id == Sheet.bid_id,
            other.id != Sheet.id,
            other.state == SheetState.SUBMITTED,
            seat.round_id == Seat.round_id,
        )
        .correlate(Sheet, Seat)
        .scalar_subquery()
    )


def open_sheets(session: Session, reviewers: Iterable[UUID]) -> dict[UUID, int]:
    """How many bids each of these experts is reviewing now; who has none is not there."""
    query = (
        select(Seat.reviewer_id, func.count())
        .join(Sheet, Sheet.seat_id == Seat.id)
        .where(Seat.reviewer_id.in_(list(reviewers)), *is_open())
        .group_by(Seat.reviewer_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def is_open() -> tuple[Any, ...]:
    """When a sheet weighs on its reviewer."""
    return Sheet.state == SheetState.DRAFT, Seat.state == SeatState.ACCEPTED
