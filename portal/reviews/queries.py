"""Reads of the pool, rounds, seats, sheets and rankings."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.accounts.models import Person
from portal.challenges.models import Call, Challenge
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.reviews.models import Ranking, RankingPlace, Reviewer, Round, Score, Seat, Sheet
from portal.reviews.rules import SEATED, RoundState, SeatState, SheetState


def pool(session: Session, after: str = "", limit: int = 50) -> Sequence[Reviewer]:
    """Reviewers by their address, a page at a time."""
    return session.scalars(
        select(Reviewer)
        .join(Reviewer.person)
        .where(Person.email > after)
        .options(contains_eager(Reviewer.person), joinedload(Reviewer.organisation))
        .order_by(Person.email)
        .limit(limit)
    ).all()


def active_pool(session: Session) -> Sequence[Reviewer]:
    """Every reviewer who may be drawn, by id."""
    return session.scalars(
        select(Reviewer)
        .where(Reviewer.active)
        .options(joinedload(Reviewer.organisation))
        .order_by(Reviewer.id)
    ).all()


def is_in_pool(session: Session, person_id: UUID) -> bool:
    """Whether a person is a reviewer of the pool."""
    return session.scalar(select(Reviewer.id).where(Reviewer.person_id == person_id)) is not None


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


def round_of(session: Session, challenge_id: UUID) -> Round | None:
    """The newest round of a challenge, with seats, reviewers and sheets: a fixed number of queries."""
    seats = selectinload(Round.seats)
    return session.scalars(
        select(Round)
        .where(Round.challenge_id == challenge_id)
        .options(
            seats.joinedload(Seat.reviewer).joinedload(Reviewer.person),
            seats.joinedload(Seat.reviewer).joinedload(Reviewer.organisation),
            seats.selectinload(Seat.sheets),
        )
        .order_by(Round.number.desc())
        .limit(1)
    ).first()


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


def sheet_visible_to(session: Session, actor: Actor, sheet_id: UUID) -> Sheet:
    """A sheet of a seat that the reviewer accepted. Raises NotFound."""
    sheet = session.scalars(
        select(Sheet)
        .join(Sheet.seat)
        .join(Seat.reviewer)
        .where(
            Sheet.id == sheet_id,
            Sheet.state != SheetState.VOID,
            Reviewer.person_id == actor.user_id,
            Seat.state.in_([SeatState.ACCEPTED, SeatState.DONE]),
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


def latest_ranking(session: Session, challenge_id: UUID) -> Ranking | None:
    """The newest snapshot of a challenge's ranking, with its places and bids."""
    return session.scalars(
        select(Ranking)
        .join(Round, Round.id == Ranking.round_id)
        .where(Round.challenge_id == challenge_id)
        .options(selectinload(Ranking.places).joinedload(RankingPlace.bid))
        .order_by(Round.number.desc(), Ranking.number.desc())
        .limit(1)
    ).first()


def unanswered(session: Session) -> Sequence[UUID]:
    """Rounds that still invite, for the chase."""
    return session.scalars(select(Round.id).where(Round.state == RoundState.INVITING)).all()


def under_way(session: Session) -> Sequence[UUID]:
    """Rounds in which answers or sheets are awaited."""
    waiting = [RoundState.INVITING, RoundState.SCORING]
    return session.scalars(select(Round.id).where(Round.state.in_(waiting))).all()
