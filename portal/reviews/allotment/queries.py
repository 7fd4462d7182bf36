"""Reads of assignments for a call, named for the question they answer."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.models import Person
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import BidState
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.workdays import PLACE
from portal.reviews.allotment.models import Allotment, AllotmentOrder, Scenario, ScenarioPair
from portal.reviews.allotment.rules import AllotmentState
from portal.reviews.pool.history import is_open
from portal.reviews.pool.models import Absence, Reviewer
from portal.reviews.pool.rules import PoolState
from portal.reviews.rounds.models import Round, Seat, SeatBid
from portal.reviews.rounds.rules import RoundKind, SeatState
from portal.reviews.sheets.models import Sheet


def current(session: Session, call_id: UUID) -> Allotment | None:
    """The newest assignment of a call, with its scenarios."""
    return (
        session.scalars(
            select(Allotment)
            .where(Allotment.call_id == call_id)
            .options(joinedload(Allotment.scenarios))
            .order_by(Allotment.number.desc())
        )
        .unique()
        .first()
    )


def lock(session: Session, allotment_id: UUID) -> Allotment:
    """The assignment, locked. Raises NotFound."""
    found = session.get(
        Allotment, allotment_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise NotFound
    return found


def scenario(session: Session, allotment: Allotment | None, number: int) -> Scenario:
    """One scenario of an assignment. Raises NotFound."""
    for one in allotment.scenarios if allotment else ():
        if one.number == number:
            return one
    raise NotFound


def under_review(session: Session, call_id: UUID) -> Sequence[Challenge]:
    """The challenges of a call that are opened, and have a bid that passed the formal check."""
    has_bid = select(Bid.id).where(Bid.challenge_id == Challenge.id, Bid.state == BidState.ELIGIBLE)
    return session.scalars(
        select(Challenge)
        .where(
            Challenge.call_id == call_id,
            Challenge.state == ChallengeState.OPENED,
            has_bid.exists(),
        )
        .order_by(Challenge.code)
    ).all()


def versions(session: Session, challenges: Iterable[UUID]) -> Sequence[BidVersion]:
    """The last versions of the eligible bids of these challenges, by the ids of the bids."""
    newer = aliased(BidVersion)
    replaced = (
        select(newer.id)
        .where(newer.bid_id == BidVersion.bid_id, newer.number > BidVersion.number)
        .exists()
    )
    return session.scalars(
        select(BidVersion)
        .join(Bid, Bid.id == BidVersion.bid_id)
        .where(Bid.challenge_id.in_(list(challenges)), Bid.state == BidState.ELIGIBLE, ~replaced)
        .options(joinedload(BidVersion.bid).joinedload(Bid.challenge))
        .order_by(Bid.id)
    ).all()


def load() -> Any:
    """Subquery: how many bids an expert has before them, asked or accepted, sheets or not yet."""
    drafts = select(Seat.reviewer_id, Sheet.bid_id).join(Sheet, Sheet.seat_id == Seat.id)
    without_sheets = ~select(Sheet.id).where(Sheet.seat_id == Seat.id).exists()
    to_come = (Seat.state.in_([SeatState.INVITED, SeatState.ACCEPTED]), without_sheets)
    given = select(Seat.reviewer_id, SeatBid.bid_id).join(SeatBid, SeatBid.seat_id == Seat.id)
    panels = (
        select(Seat.reviewer_id, Bid.id)
        .join(Round, Round.id == Seat.round_id)
        .join(Bid, Bid.challenge_id == Round.challenge_id)
        .where(Round.kind != RoundKind.POOL, Bid.state == BidState.ELIGIBLE, *to_come)
    )
    every = union_all(drafts.where(*is_open()), given.where(*to_come), panels).subquery()
    return (
        select(every.c.reviewer_id, func.count().label("bids"))
        .group_by(every.c.reviewer_id)
        .subquery()
    )


def candidates(session: Session, at: datetime) -> list[tuple[Reviewer, int]]:
    """Who can be asked, is not away on that day in Beijing, and can take more: with how many."""
    day = at.astimezone(PLACE).date()
    busy = load()
    taken = func.coalesce(busy.c.bids, 0)
    away = select(Absence.id).where(
        Absence.reviewer_id == Reviewer.id, Absence.since <= day, Absence.until >= day
    )
    rows = session.execute(
        select(Reviewer, Reviewer.max_load - taken)
        .join(Person, Person.id == Reviewer.person_id)
        .outerjoin(busy, busy.c.reviewer_id == Reviewer.id)
        .where(
            Reviewer.state == PoolState.ACTIVE,
            Person.active,
            ~away.exists(),
            Reviewer.max_load > taken,
        )
        .options(joinedload(Reviewer.person), joinedload(Reviewer.organisation))
        .order_by(Reviewer.id)
    )
    return [(row[0], int(row[1])) for row in rows]


def orders(session: Session, allotment_id: UUID) -> Sequence[AllotmentOrder]:
    """What officers have ordered and not taken back, the oldest first."""
    return session.scalars(
        select(AllotmentOrder)
        .where(AllotmentOrder.allotment_id == allotment_id, AllotmentOrder.taken_back_at.is_(None))
        .options(
            joinedload(AllotmentOrder.bid).joinedload(Bid.lead),
            joinedload(AllotmentOrder.reviewer).joinedload(Reviewer.person),
        )
        .order_by(AllotmentOrder.given_at, AllotmentOrder.id)
    ).all()


def pairs(session: Session, scenario_id: UUID) -> Sequence[ScenarioPair]:
    """Who reads what in a scenario, by bid, the best fit first; with names."""
    return session.scalars(
        select(ScenarioPair)
        .where(ScenarioPair.scenario_id == scenario_id)
        .options(
            joinedload(ScenarioPair.bid).joinedload(Bid.lead),
            joinedload(ScenarioPair.bid).joinedload(Bid.challenge),
            joinedload(ScenarioPair.reviewer).joinedload(Reviewer.person),
            joinedload(ScenarioPair.reviewer).joinedload(Reviewer.organisation),
        )
        .order_by(ScenarioPair.bid_id, ScenarioPair.fit.desc(), ScenarioPair.reviewer_id)
    ).all()


def rounds_of(session: Session, call_id: UUID) -> Sequence[UUID]:
    """The pool rounds of a call's challenges, in the order of their ids."""
    return session.scalars(
        select(Round.id)
        .join(Challenge, Challenge.id == Round.challenge_id)
        .where(Challenge.call_id == call_id, Round.kind == RoundKind.POOL)
        .order_by(Round.id)
    ).all()


def seats_of(session: Session, call_id: UUID, which: ColumnElement[bool]) -> Sequence[Seat]:
    """Seats in the pool rounds of a call, by the code of their challenge."""
    return (
        session.scalars(
            select(Seat)
            .join(Round, Round.id == Seat.round_id)
            .join(Challenge, Challenge.id == Round.challenge_id)
            .join(Reviewer, Reviewer.id == Seat.reviewer_id)
            .where(Challenge.call_id == call_id, Round.kind == RoundKind.POOL, which)
            .options(
                joinedload(Seat.reviewer),
                joinedload(Seat.given),
                joinedload(Seat.round).joinedload(Round.challenge),
            )
            .order_by(Challenge.code, Seat.id)
        )
        .unique()
        .all()
    )


def own_seats(session: Session, actor: Actor, call_id: UUID, *states: SeatState) -> list[Seat]:
    """A reviewer's own seats in a call, in these states; any, without. Raises NotFound for none."""
    own = Reviewer.person_id == actor.user_id
    which = own & Seat.state.in_(states) if states else own
    found = list(seats_of(session, call_id, which))
    if not found:
        raise NotFound
    return found


def call_numbered(session: Session, number: str) -> Call:
    """A call by its number. Raises NotFound."""
    found = session.scalars(select(Call).where(Call.number == number)).one_or_none()
    if found is None:
        raise NotFound
    return found


def released_for(session: Session, challenge_id: UUID) -> Allotment | None:
    """The released assignment that a challenge's pool round came from."""
    return session.scalars(
        select(Allotment)
        .join(Challenge, Challenge.call_id == Allotment.call_id)
        .where(Challenge.id == challenge_id, Allotment.state == AllotmentState.RELEASED)
        .order_by(Allotment.number.desc())
        .limit(1)
    ).first()
