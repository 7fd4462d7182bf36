"""A conflict found late: sheets are void, the seat is free, and the ranking is made again."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.outbox import Topic
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.conflicts import policy, queries, rules
from portal.reviews.conflicts.models import Conflict
from portal.reviews.conflicts.rules import TIES, ConflictKind, ConflictSource
from portal.reviews.conflicts.service import find
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import (
    ROUND_MOVES,
    SEAT_MOVES,
    SEATED,
    RoundKind,
    RoundState,
    SeatState,
)
from portal.reviews.sheets.rules import SHEET_MOVES, SheetState

STANDS = N_("This conflict stands already.")


def enter(
    actor: Actor,
    challenge_id: UUID,
    reviewer_id: UUID,
    bid_id: UUID | None,
    kind: ConflictKind,
    reason: str,
    now: datetime,
) -> Conflict:
    """Enter a conflict that an officer has learned of; a seat that crosses it is free at once.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        rounds = round_queries.lock_all(session, challenge_id)
        challenge = challenges.lock(session, challenge_id)
        policy.may_enter(actor, challenge).enforce()
        if kind not in TIES:
            raise Invalid("kind", N_("This the portal finds by itself; choose another kind."))
        reason = rules.require_reason(reason)
        made = add(
            session,
            Conflict(
                reviewer_id=queries.expert(session, reviewer_id).id,
                challenge_id=challenge_id,
                bid_id=queries.bid_of(session, challenge_id, bid_id),
                kind=kind,
                source=ConflictSource.ENTERED,
                evidence={"reason": reason},
                since=now,
                entered_by=actor.user_id,
            ),
        )
        facts = {"reviewer": reviewer_id, "bid": bid_id or "", "kind": kind.value}
        audit.record(session, actor, Action.CONFLICT_ENTERED, challenge.subject_ref, now, **facts)
        free_crossed(session, actor, challenge, rounds, now)
    return made


def add(session: Session, conflict: Conflict) -> Conflict:
    """Keep a conflict, in a transaction of the caller's. Raises Invalid when it stands already."""
    known = queries.standing(session, conflict.reviewer_id, conflict.challenge_id)
    if any((one.kind, one.bid_id) == (conflict.kind, conflict.bid_id) for one in known):
        raise Invalid("kind", STANDS)
    session.add(conflict)
    session.flush()
    return conflict


def look_again(reviewer_id: UUID, now: datetime) -> None:
    """What is known of an expert has changed: look again wherever they sit; twice without harm."""
    with transaction() as session:
        places = round_queries.challenges_of(session, reviewer_id)
        locked = {one: round_queries.lock_all(session, one) for one in places}
        for challenge_id, rounds in locked.items():
            challenge = challenges.lock(session, challenge_id)
            if challenge.state in policy.ENTERED_IN:
                find(session, challenge_id, now)
                free_crossed(session, SYSTEM, challenge, rounds, now)


def free_crossed(
    session: Session, actor: Actor, challenge: Challenge, rounds: Sequence[Round], now: datetime
) -> None:
    """Free every seat that a conflict crosses, in a transaction of the caller's; rounds are locked."""
    excluded = queries.excluded(session, challenge.id)
    for review in rounds:
        crossed = []
        for seat in [s for s in review.seats if s.state in SEATED]:
            why = _reaching(seat, excluded.get(seat.reviewer_id, []))
            if why:
                _free(session, actor, seat, why, now)
                crossed.append(seat)
        if crossed:
            days = challenge.rules.invite_days + challenge.rules.review_days
            review.sheets_due_at = max(review.sheets_due_at, now + timedelta(days=days))
            _reopen(session, actor, challenge, review, now)
            _tell_officers(session, challenge, review, crossed)
            outbox.announce(session, Topic.SEAT_VACATED, round_id=review.id)


def _reaching(seat: Seat, known: Sequence[Conflict]) -> list[Conflict]:
    """Those that concern a seat: in a pool round only the conflicts with its own bids."""
    if seat.round.kind is not RoundKind.POOL:
        return list(known)
    own = {one.bid_id for one in seat.given}
    return [one for one in known if one.bid_id is None or one.bid_id in own]


def _free(
    session: Session, actor: Actor, seat: Seat, why: Sequence[Conflict], now: datetime
) -> None:
    kinds = " ".join(sorted({conflict.kind.value for conflict in why}))
    kept = _kept(seat, why)
    for sheet in seat.sheets:
        if SHEET_MOVES.allows(sheet.state, "void") and sheet.bid_id not in kept:
            facts = {"was": sheet.state.value, "total": sheet.total or "", "kinds": kinds}
            SHEET_MOVES.move(sheet, "void")
            audit.record(session, actor, Action.SHEET_VOIDED, sheet.subject_ref, now, **facts)
    if kept:
        _narrow(session, actor, seat, kept, kinds, now)
        return
    SEAT_MOVES.move(seat, "conflict")
    audit.record(session, actor, Action.SEAT_CONFLICTED, f"seat:{seat.id}", now, kinds=kinds)
    text = N_("Because of a conflict of interest you do not review “%(title)s”; sheets are void.")
    news = Message(text, {"title": both(seat.round.challenge)})
    people = [seat.reviewer.person_id]
    notify(session, people, f"seat.conflicted:{seat.id}", news, f"/seats/{seat.id}")


def _kept(seat: Seat, why: Sequence[Conflict]) -> set[UUID]:
    """The bids that a seat goes on scoring: none of a panel's, which scores all or nothing."""
    lost = {one.bid_id for one in why}
    if seat.round.kind is not RoundKind.POOL or None in lost:
        return set()
    return {one.bid_id for one in seat.given} - lost


def _narrow(
    session: Session, actor: Actor, seat: Seat, kept: Container[UUID], kinds: str, now: datetime
) -> None:
    """The seat of a pool round stays, without the bids that a conflict takes from it."""
    lost = " ".join(sorted(str(one.bid_id) for one in seat.given if one.bid_id not in kept))
    seat.given = [one for one in seat.given if one.bid_id in kept]
    ends = [sheet.state for sheet in seat.sheets if sheet.state is not SheetState.VOID]
    if seat.state is SeatState.ACCEPTED and ends and SheetState.DRAFT not in ends:
        SEAT_MOVES.move(seat, "finish")
    facts = {"kinds": kinds, "bids": lost}
    audit.record(session, actor, Action.SEAT_CONFLICTED, f"seat:{seat.id}", now, **facts)


def _reopen(
    session: Session, actor: Actor, challenge: Challenge, review: Round, now: datetime
) -> None:
    """A ranking that rests on a void sheet is made again, with the next number."""
    if review.state is not RoundState.RANKED:
        return
    ROUND_MOVES.move(review, "reopen")
    review.ranked_at = None
    if challenge.state is ChallengeState.RANKED:
        advance(challenge, "review_again", now)
    audit.record(session, actor, Action.ROUND_REOPENED, review.subject_ref, now)


def _tell_officers(
    session: Session, challenge: Challenge, review: Round, crossed: Sequence[Seat]
) -> None:
    text = N_("A reviewer of “%(title)s” has a conflict of interest; the next in order is asked.")
    news = Message(text, {"title": both(challenge)})
    key = f"round.conflict:{review.id}:{min(str(seat.id) for seat in crossed)}"
    people = challenges.managers(session, challenge)
    notify(session, people, key, news, f"/challenges/{challenge.code}/conflicts")
