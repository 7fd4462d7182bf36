"""Reads of score sheets."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, tuple_
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.accounts.models import Person
from portal.bids.models import Bid
from portal.challenges.models import Call, Challenge
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound
from portal.reviews.conflicts.models import Declaration
from portal.reviews.pool.models import Reviewer
from portal.reviews.rankings.models import ScoreChange
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.policy import may_watch
from portal.reviews.rounds.rules import SEATED, UNDER_WAY, RoundState, SeatState
from portal.reviews.sheets.models import Score, Sheet, SheetReturn
from portal.reviews.sheets.rules import ReturnState, SheetState


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


def any_sheet(session: Session, sheet_id: UUID) -> Sheet:
    """A sheet with its seat and reviewer, whosever it is. Raises NotFound."""
    found = session.get(Sheet, sheet_id, options=[joinedload(Sheet.seat).joinedload(Seat.reviewer)])
    if found is None:
        raise NotFound
    return found


def sheet_to_give_back(
    session: Session, actor: Actor, sheet_id: UUID
) -> tuple[Sheet, Sequence[ScoreChange]]:
    """A sheet for those who may watch its round, with what was changed of it. Raises NotFound."""
    sheet = any_sheet(session, sheet_id)
    if not may_watch(actor, sheet.seat.round.challenge):
        raise NotFound
    changes = session.scalars(
        select(ScoreChange)
        .join(Score, Score.id == ScoreChange.score_id)
        .where(Score.sheet_id == sheet_id)
        .order_by(ScoreChange.at, ScoreChange.id)
    ).all()
    return sheet, changes


def asked_return(session: Session, sheet_id: UUID) -> SheetReturn | None:
    """The wish to give a sheet back that waits for a second officer."""
    query = select(SheetReturn).where(SheetReturn.sheet_id == sheet_id)
    asked = query.where(SheetReturn.state == ReturnState.ASKED)
    return session.scalars(asked.options(joinedload(SheetReturn.asker))).one_or_none()


def last_return(session: Session, sheet: Sheet) -> SheetReturn | None:
    """Why a sheet was last given back, if it was."""
    if sheet.reopened_at is None:
        return None
    query = select(SheetReturn).where(SheetReturn.sheet_id == sheet.id)
    agreed = query.where(SheetReturn.state == ReturnState.AGREED)
    return session.scalars(agreed.order_by(SheetReturn.decided_at.desc()).limit(1)).first()


def returns_asked(session: Session, sheets: Sequence[Sheet]) -> set[UUID]:
    """Of these sheets those that wait for a second officer."""
    query = select(SheetReturn.sheet_id).where(SheetReturn.state == ReturnState.ASKED)
    return set(session.scalars(query.where(SheetReturn.sheet_id.in_([one.id for one in sheets]))))


def to_agree(session: Session, actor: Actor) -> Sequence[SheetReturn]:
    """What other officers of one's bodies ask to be given back, in rounds that are not ranked."""
    return session.scalars(
        select(SheetReturn)
        .join(SheetReturn.sheet)
        .join(Sheet.seat)
        .join(Seat.round)
        .join(Round.challenge)
        .join(Challenge.call)
        .where(
            SheetReturn.state == ReturnState.ASKED,
            SheetReturn.asked_by != actor.user_id,
            Sheet.state == SheetState.SUBMITTED,
            Round.state.in_(UNDER_WAY),
            Call.issuer_id.in_(actor.organisations_as(*OFFICERS)),
        )
        .options(
            contains_eager(SheetReturn.sheet)
            .contains_eager(Sheet.seat)
            .contains_eager(Seat.round)
            .contains_eager(Round.challenge)
        )
        .order_by(SheetReturn.asked_at)
        .limit(100)
    ).all()


def sheets_of_challenge(
    session: Session,
    challenge_id: UUID,
    seat_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> Sequence[Sheet]:
    """The sheets of the seats that count in the newest round of a challenge, by reviewer and bid: of
    all, or of one seat; from behind a sheet of that list."""
    place = Seat.position, Bid.started_at, Bid.id
    query = (
        select(Sheet)
        .join(Sheet.seat)
        .join(Sheet.bid)
        .where(*_that_count(challenge_id))
        .options(
            contains_eager(Sheet.bid).joinedload(Bid.lead),
            contains_eager(Sheet.seat).joinedload(Seat.reviewer).joinedload(Reviewer.person),
        )
        .order_by(*place)
        .limit(limit)
    )
    if seat_id is not None:
        query = query.where(Sheet.seat_id == seat_id)
    if after is not None:
        behind = select(*place).select_from(Sheet).join(Sheet.seat).join(Sheet.bid)
        found = session.execute(behind.where(Sheet.id == after)).one_or_none()
        query = query.where(tuple_(*place) > tuple(found)) if found else query
    return session.scalars(query).all()


def progress_of_seats(session: Session, challenge_id: UUID) -> Sequence[Row[UUID, str, int, int]]:
    """Of each seat with sheets in the newest round: its id, its reviewer, submitted, all."""
    submitted = func.count().filter(Sheet.state == SheetState.SUBMITTED)
    return session.execute(
        select(Seat.id, Person.name, submitted, func.count())
        .select_from(Sheet)
        .join(Sheet.seat)
        .join(Seat.reviewer)
        .join(Reviewer.person)
        .where(*_that_count(challenge_id))
        .group_by(Seat.id, Seat.position, Person.name)
        .order_by(Seat.position)
    ).all()


def _that_count(challenge_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """What holds of the sheets that count in the newest round of a challenge."""
    newest = select(Round.id).where(Round.challenge_id == challenge_id)
    newest = newest.order_by(Round.number.desc()).limit(1)
    return (
        Seat.round_id == newest.scalar_subquery(),
        Seat.state.in_(list(SEATED)),
        Sheet.state != SheetState.VOID,
    )


def own_sheets(session: Session, actor: Actor) -> Sequence[Sheet]:
    """A reviewer's sheets in the rounds that still score, by challenge and bid, with what is given."""
    return session.scalars(
        select(Sheet)
        .join(Sheet.seat)
        .join(Seat.reviewer)
        .join(Seat.round)
        .join(Sheet.bid)
        .where(
            Reviewer.person_id == actor.user_id,
            Seat.state.in_([SeatState.ACCEPTED, SeatState.DONE]),
            Sheet.state != SheetState.VOID,
            Round.state != RoundState.RANKED,
        )
        .options(
            selectinload(Sheet.scores),
            joinedload(Sheet.bid).joinedload(Bid.lead),
            joinedload(Sheet.seat)
            .joinedload(Seat.round)
            .joinedload(Round.challenge)
            .joinedload(Challenge.call),
        )
        .order_by(Round.sheets_due_at, Round.id, Bid.started_at, Bid.id)
    ).all()


def has_open(session: Session, round_id: UUID) -> bool:
    """Whether a sheet of the round is still to be handed in."""
    counting = select(Sheet.id).join(Sheet.seat).where(Seat.state.in_(list(SEATED)))
    query = counting.where(Seat.round_id == round_id, Sheet.state == SheetState.DRAFT)
    return session.scalar(query.limit(1)) is not None


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
