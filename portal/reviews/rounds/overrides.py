"""What an officer may override in a round: each with a reason, and in the log."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.challenges.rules import reason_problems, require_none
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, NotFound
from portal.core.outbox import Topic
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.rounds import awaiting, leaving, policy, queries, steps
from portal.reviews.rounds.chasing import REMINDERS
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import ROUND_MOVES, RoundKind, RoundState, SeatState
from portal.reviews.rounds.steps import Awaited, Task
from portal.reviews.sheets.rules import SheetState

NOTHING = N_("Nothing is awaited of this reviewer.")
EXTENDED = N_("You have more time for the review of “%(title)s”.")


def remind(actor: Actor, seat_id: UUID, reason: str, now: datetime) -> Seat:
    """Remind a reviewer now. Raises NotFound, NotAllowed, IllegalMove, InvalidInput."""
    with transaction() as session:
        seat = _seat(session, actor, seat_id, reason)
        text = REMINDERS[_task(seat).awaited]
        _record(session, actor, Action.SEAT_REMINDED, seat, reason, now)
        _tell(session, seat, f"seat.reminded:{seat.id}:{now.isoformat()}", text)
    return seat


def extend(actor: Actor, seat_id: UUID, until: datetime, reason: str, now: datetime) -> Seat:
    """Give a reviewer more time for what is awaited.

    Raises NotFound, NotAllowed, IllegalMove, Invalid, InvalidInput.
    """
    with transaction() as session:
        seat = _seat(session, actor, seat_id, reason)
        _give_time(session, seat, _task(seat), until, now)
        _record(session, actor, Action.SEAT_EXTENDED, seat, reason, now, until=until.isoformat())
    return seat


def replace(actor: Actor, seat_id: UUID, reason: str, now: datetime) -> Seat:
    """Take a seat from a reviewer who does not do it; the next in order is asked.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput.
    """
    text = N_("The next in order is asked to review “%(title)s” instead of you.")
    return _free(actor, seat_id, "replace", reason, text, now)


def excuse(actor: Actor, seat_id: UUID, reason: str, now: datetime) -> Seat:
    """Let a reviewer go who cannot do it; the next in order is asked, and nothing is held against them.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput.
    """
    text = N_("You are excused from the review of “%(title)s”.")
    return _free(actor, seat_id, "excuse", reason, text, now)


def extend_round(
    actor: Actor, round_id: UUID, until: datetime, reason: str, now: datetime
) -> Round:
    """Give everybody more time for the sheets.

    Raises NotFound, NotAllowed, IllegalMove, Invalid, InvalidInput.
    """
    with transaction() as session:
        review = _round(session, actor, round_id, reason)
        _check_later(until, review.sheets_due_at, now)
        was, review.sheets_due_at = review.sheets_due_at, until
        for seat in review.seats:
            if seat.due_at is not None and seat.due_at < until:
                seat.due_at = None
            task = awaiting.task_of(seat)
            if task is not None and task.awaited is Awaited.SHEETS and task.due == until:
                _tell(session, seat, _extended_key(seat, until), EXTENDED)
        facts = {"reason": reason.strip(), "was": was.isoformat(), "until": until.isoformat()}
        audit.record(session, actor, Action.ROUND_EXTENDED, review.subject_ref, now, **facts)
    return review


def close(actor: Actor, round_id: UUID, reason: str, now: datetime) -> Round:
    """Go on with the sheets that are in, if each bid has more than half of those it should have.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        review = _round(session, actor, round_id, reason)
        served = fewest(session, review)
        if review.kind is RoundKind.MEETING or served < steps.least(review.seats_wanted):
            text = N_("Every bid needs %(least)s sheets before the round can be closed.")
            raise IllegalMove(text, least=steps.least(review.seats_wanted))
        if review.state is RoundState.INVITING:
            ROUND_MOVES.move(review, "close")
        for seat in review.seats:
            if seat.state in (SeatState.INVITED, SeatState.ACCEPTED):
                leaving.leave(session, actor, seat, "close", reason.strip(), now)
                leaving.tell(session, seat, N_("The review of “%(title)s” was closed."))
        facts = {"reason": reason.strip(), "was": review.seats_wanted, "sheets": served}
        review.seats_wanted = served
        audit.record(session, actor, Action.ROUND_CLOSED, review.subject_ref, now, **facts)
        outbox.announce(session, Topic.ROUND_CLOSED, round_id=review.id)
    return review


def fewest(session: Session, review: Round) -> int:
    """How many sheets the bid has that has the fewest, of those that would stay if it were closed."""
    is_pool = review.kind is RoundKind.POOL
    sitting = [seat for seat in review.seats if not seat.only_bid_id]
    kept = [seat for seat in sitting if is_pool or seat.state is SeatState.DONE]
    sheets = [sheet for seat in kept for sheet in seat.sheets]
    counted = Counter(one.bid_id for one in sheets if one.state is SheetState.SUBMITTED)
    eligible = bids.eligible(session, review.challenge_id)
    return min((counted[bid.id] for bid in eligible), default=0)


def _round(session: Session, actor: Actor, round_id: UUID, reason: str) -> Round:
    """A round that is under way, locked, of the actor's body; the reason says enough."""
    review = queries.lock(session, round_id)
    policy.may_override(actor, review.challenge).enforce()
    require_none(reason_problems(reason))
    if review.state is RoundState.RANKED:
        ROUND_MOVES.after(review.state, "close")
    return review


def _seat(session: Session, actor: Actor, seat_id: UUID, reason: str) -> Seat:
    found = session.get(Seat, seat_id)
    if found is None:
        raise NotFound
    review = _round(session, actor, found.round_id, reason)
    return next(seat for seat in review.seats if seat.id == seat_id)


def _task(seat: Seat) -> Task:
    task = awaiting.task_of(seat)
    if task is None:
        raise IllegalMove(NOTHING)
    return task


def _free(actor: Actor, seat_id: UUID, move: str, reason: str, text: str, now: datetime) -> Seat:
    action = {"replace": Action.SEAT_REPLACED, "excuse": Action.SEAT_EXCUSED}[move]
    with transaction() as session:
        seat = _seat(session, actor, seat_id, reason)
        leaving.leave(session, actor, seat, move, reason.strip(), now)
        _record(session, actor, action, seat, reason, now)
        leaving.tell(session, seat, text)
        outbox.announce(session, Topic.SEAT_VACATED, round_id=seat.round_id)
    return seat


def _give_time(session: Session, seat: Seat, task: Task, until: datetime, now: datetime) -> None:
    _check_later(until, task.due, now)
    if task.awaited is Awaited.ANSWER:
        seat.answer_by = until
    else:
        seat.due_at = until
    _tell(session, seat, _extended_key(seat, until), EXTENDED)


def _check_later(until: datetime, before: datetime, now: datetime) -> None:
    if until <= max(before, now):
        raise Invalid("until", N_("A later time than now and than before, please."))


def _extended_key(seat: Seat, until: datetime) -> str:
    return f"seat.extended:{seat.id}:{until.isoformat()}"


def _record(
    session: Session,
    actor: Actor,
    action: Action,
    seat: Seat,
    reason: str,
    now: datetime,
    **facts: str,
) -> None:
    told = {"reason": reason.strip(), **facts}
    audit.record(session, actor, action, seat.subject_ref, now, **told)


def _tell(session: Session, seat: Seat, key: str, text: str) -> None:
    news = Message(text, {"title": both(seat.round.challenge)})
    notify(session, [seat.reviewer.person_id], key, news, f"/seats/{seat.id}")
