"""What a reviewer declares, bid by bid, before reading anything (利害关系声明)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids.models import Bid
from portal.challenges import queries as challenges
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, InvalidInput
from portal.core.words import N_
from portal.reviews.conflicts import queries, rules
from portal.reviews.conflicts.declarations import keep
from portal.reviews.conflicts.late import add, free_crossed
from portal.reviews.conflicts.models import Conflict
from portal.reviews.conflicts.policy import may_still_enter
from portal.reviews.conflicts.rules import TIES, ConflictKind, ConflictSource
from portal.reviews.rounds import answers, policy
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SEAT_MOVES, SeatState

UNANSWERED = N_("Please answer this line.")


@dataclass(frozen=True)
class Tie:
    """What is declared about a bid: a kind with words, or (None) that there is no tie."""

    kind: ConflictKind | None
    words: str = ""


NO_TIE = Tie(None)


def answer(actor: Actor, seat_id: UUID, ties: Mapping[UUID, Tie], now: datetime) -> Seat:
    """Declare line by line, and so take the seat; or, with a tie to a bid, leave it to the next.

    In a pool round only the bids with a tie are left to others.

    `ties` are by bid. Raises NotFound, NotAllowed, IllegalMove, InvalidInput for a line left out.
    """
    with transaction() as session:
        seat, rounds = lock_seat(session, actor, seat_id)
        policy.may_answer(actor, seat, now).enforce()
        wrong = problems(round_queries.bids_of(session, seat), ties)
        if wrong:
            raise InvalidInput(wrong)
        settle(session, actor, seat, ties, rounds, now)
    return seat


def settle(
    session: Session,
    actor: Actor,
    seat: Seat,
    ties: Mapping[UUID, Tie],
    rounds: Sequence[Round],
    now: datetime,
) -> None:
    """Keep what is declared on a seat's bids, and take or leave it, in a transaction of the caller's.

    Raises IllegalMove.
    """
    SEAT_MOVES.after(seat.state, "accept")
    asked = round_queries.bids_of(session, seat)
    keep(session, seat, {bid.id: (ties[bid.id].kind, ties[bid.id].words) for bid in asked}, now)
    tied = [bid for bid in asked if ties[bid.id].kind is not None]
    facts = {"bids": len(asked), "ties": len(tied)}
    audit.record(session, actor, Action.TIES_DECLARED, f"seat:{seat.id}", now, **facts)
    if tied:
        _declare(session, actor, seat, {bid.id: ties[bid.id] for bid in tied}, rounds, now)
    if seat.state is SeatState.INVITED:
        answers.take(session, actor, seat, now)


def declare_later(actor: Actor, seat_id: UUID, bid_id: UUID, tie: Tie, now: datetime) -> Seat:
    """Declare a tie that came to mind after accepting; the seat goes to the next in order.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    with transaction() as session:
        seat, rounds = lock_seat(session, actor, seat_id)
        policy.may_answer(actor, seat, now).enforce()
        may_still_enter(seat.round.challenge).enforce()
        SEAT_MOVES.after(seat.state, "conflict")
        bid = queries.bid_of(session, seat.round.challenge_id, bid_id) or bid_id
        wrong = _problem("tie", tie)
        if tie.kind is None or wrong:
            raise InvalidInput(wrong or [Invalid("tie", UNANSWERED)])
        _declare(session, actor, seat, {bid: tie}, rounds, now)
    return seat


def lock_seat(session: Session, actor: Actor, seat_id: UUID) -> tuple[Seat, list[Round]]:
    """One's own seat with all rounds of its challenge, which are locked. Raises NotFound."""
    seat = round_queries.own_seat(session, actor, seat_id)
    rounds = round_queries.lock_all(session, seat.round.challenge_id)
    session.refresh(seat, ["state"])
    return seat, rounds


def problems(asked: Sequence[Bid], ties: Mapping[UUID, Tie]) -> list[Invalid]:
    """What is left out or wrong in what was declared on these bids, line by line."""
    found = []
    for row, bid in enumerate(asked):
        if bid.id not in ties:
            found.append(Invalid(f"lines.{row}.tie", UNANSWERED))
        else:
            found += _problem(f"lines.{row}.words", ties[bid.id])
    return found


def _problem(field: str, tie: Tie) -> list[Invalid]:
    if tie.kind is None:
        return []
    if tie.kind not in TIES:
        return [Invalid(field, UNANSWERED)]
    try:
        rules.require_reason(tie.words, field)
    except Invalid as error:
        return [error]
    return []


def _declare(
    session: Session,
    actor: Actor,
    seat: Seat,
    ties: Mapping[UUID, Tie],
    rounds: Sequence[Round],
    now: datetime,
) -> None:
    """Ties become conflicts, and the seat is free."""
    review = seat.round
    for bid_id, tie in ties.items():
        if tie.kind is None:
            continue
        conflict = Conflict(
            reviewer_id=seat.reviewer_id,
            challenge_id=review.challenge_id,
            bid_id=bid_id,
            kind=tie.kind,
            source=ConflictSource.DECLARED,
            evidence={"reason": tie.words.strip()},
            since=now,
            entered_by=actor.user_id,
        )
        made = add(session, conflict)
        facts = {"bid": bid_id, "kind": tie.kind.value}
        audit.record(session, actor, Action.CONFLICT_DECLARED, made.subject_ref, now, **facts)
    challenge = challenges.lock(session, review.challenge_id)
    free_crossed(session, actor, challenge, rounds, now)
