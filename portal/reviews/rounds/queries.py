"""Reads of rounds and seats."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.bids import queries as bids
from portal.bids.models import Bid
from portal.challenges.models import Call, Challenge
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SEATED, UNDER_WAY, RoundKind, RoundState, SeatState
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState


def lock(session: Session, round_id: UUID) -> Round:
    """The round, locked, with its seats. Raises NotFound."""
    found = session.scalars(
        select(Round)
        .where(Round.id == round_id)
        .options(
            selectinload(Round.seats).joinedload(Seat.reviewer),
            joinedload(Round.challenge).joinedload(Challenge.call),
        )
        .with_for_update(key_share=True, of=Round)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_all(session: Session, challenge_id: UUID) -> list[Round]:
    """All rounds of a challenge by number, locked, with their seats."""
    query = select(Round.id).where(Round.challenge_id == challenge_id).order_by(Round.number)
    return [lock(session, round_id) for round_id in session.scalars(query).all()]


def challenges_of(session: Session, reviewer_id: UUID) -> Sequence[UUID]:
    """The challenges in whose rounds an expert has a seat, in the order of their ids."""
    return session.scalars(
        select(Round.challenge_id)
        .join(Seat, Seat.round_id == Round.id)
        .where(Seat.reviewer_id == reviewer_id, Seat.state.in_(list(SEATED)))
        .distinct()
        .order_by(Round.challenge_id)
    ).all()


def round_of(session: Session, challenge_id: UUID) -> Round | None:
    """The newest round of a challenge that is no meeting, with seats, reviewers and sheets: a fixed
    number of queries."""
    seats = selectinload(Round.seats)
    return session.scalars(
        select(Round)
        .where(Round.challenge_id == challenge_id, Round.kind != RoundKind.MEETING)
        .options(
            seats.joinedload(Seat.reviewer).joinedload(Reviewer.person),
            seats.joinedload(Seat.reviewer).joinedload(Reviewer.organisation),
            seats.selectinload(Seat.sheets),
            seats.selectinload(Seat.steps),
            joinedload(Round.challenge),
        )
        .order_by(Round.number.desc())
        .limit(1)
    ).first()


def seat_of(session: Session, challenge_id: UUID, seat_id: UUID) -> Seat:
    """A seat of a challenge's round, for those who watch it. Raises NotFound."""
    found = session.scalars(
        select(Seat)
        .join(Seat.round)
        .where(Seat.id == seat_id, Round.challenge_id == challenge_id)
        .options(
            contains_eager(Seat.round),
            joinedload(Seat.reviewer).joinedload(Reviewer.person),
            joinedload(Seat.reviewer).joinedload(Reviewer.organisation),
            selectinload(Seat.sheets),
            selectinload(Seat.steps),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def late(session: Session, bodies: Collection[UUID], now: datetime) -> Sequence[Seat]:
    """The seats whose sheets are late, in rounds of these issuing bodies, the latest first."""
    draft = select(Sheet.id).where(Sheet.seat_id == Seat.id, Sheet.state == SheetState.DRAFT)
    due = func.coalesce(Seat.due_at, Round.sheets_due_at)
    return session.scalars(
        select(Seat)
        .join(Seat.round)
        .join(Round.challenge)
        .join(Challenge.call)
        .where(
            Call.issuer_id.in_(bodies),
            Round.state.in_(UNDER_WAY),
            Round.kind != RoundKind.MEETING,
            Seat.state == SeatState.ACCEPTED,
            due <= now,
            draft.exists(),
        )
        .options(
            contains_eager(Seat.round).contains_eager(Round.challenge),
            joinedload(Seat.reviewer).joinedload(Reviewer.person),
        )
        .order_by(due, Seat.id)
        .limit(100)
    ).all()


def _seats() -> Select[Seat]:
    return select(Seat).options(
        joinedload(Seat.reviewer),
        joinedload(Seat.round).joinedload(Round.challenge).joinedload(Challenge.call),
        selectinload(Seat.sheets),
    )


def my_seats(session: Session, actor: Actor) -> Sequence[Seat]:
    """A reviewer's seats, newest first."""
    return session.scalars(
        _seats()
        .join(Seat.reviewer)
        .where(Reviewer.person_id == actor.user_id)
        .order_by(Seat.invited_at.desc())
        .limit(50)
    ).all()


def own_seat(session: Session, actor: Actor, seat_id: UUID) -> Seat:
    """One's own seat. Raises NotFound."""
    found = session.scalars(
        _seats().join(Seat.reviewer).where(Seat.id == seat_id, Reviewer.person_id == actor.user_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def bids_of(session: Session, seat: Seat) -> list[Bid]:
    """The bids that a seat scores: in a pool round those given to it, else all that are eligible;
    of a further reviewer the one in dispute."""
    eligible = bids.eligible(session, seat.round.challenge_id)
    if seat.only_bid_id:
        return [bid for bid in eligible if bid.id == seat.only_bid_id]
    if seat.round.kind is not RoundKind.POOL:
        return list(eligible)
    given = {one.bid_id for one in seat.given}
    return [bid for bid in eligible if bid.id in given]


def inviting(session: Session) -> Sequence[UUID]:
    """The rounds that look for reviewers."""
    return session.scalars(select(Round.id).where(Round.state == RoundState.INVITING)).all()


def has_meeting(session: Session, challenge_id: UUID) -> bool:
    """Whether a panel meets, or has met, after the online review: it has the last word."""
    query = select(Round.id).where(
        Round.challenge_id == challenge_id,
        Round.kind == RoundKind.MEETING,
        Round.state != RoundState.CALLED_OFF,
    )
    return session.scalars(query.limit(1)).first() is not None


def held(session: Session, reviewer_id: UUID) -> int:
    """How many bids an expert has to review, or is asked to, in the rounds that are under way."""
    seats = session.scalars(
        select(Seat)
        .join(Round, Round.id == Seat.round_id)
        .where(
            Seat.reviewer_id == reviewer_id,
            Seat.state.in_([SeatState.INVITED, SeatState.ACCEPTED]),
            Round.state.in_(UNDER_WAY),
        )
        .options(joinedload(Seat.round), selectinload(Seat.sheets), selectinload(Seat.given))
    )
    return sum(_held(session, seat) for seat in seats)


def _held(session: Session, seat: Seat) -> int:
    if not seat.sheets:
        return len(bids_of(session, seat))
    return sum(sheet.state is SheetState.DRAFT for sheet in seat.sheets)


def awaited(session: Session) -> Sequence[Seat]:
    """The seats from whose reviewers something may be awaited, with what was done about it."""
    return session.scalars(
        select(Seat)
        .join(Seat.round)
        .where(Seat.state.in_([SeatState.INVITED, SeatState.ACCEPTED]), Round.state.in_(UNDER_WAY))
        .options(contains_eager(Seat.round), selectinload(Seat.sheets), selectinload(Seat.steps))
    ).all()


def inviting_of(session: Session, challenge_id: UUID) -> Sequence[UUID]:
    """The rounds of a challenge that look for reviewers."""
    query = select(Round.id).where(Round.challenge_id == challenge_id)
    return session.scalars(query.where(Round.state == RoundState.INVITING)).all()
