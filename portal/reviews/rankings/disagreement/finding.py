"""Looking for disagreements when the last sheet is in, and whether the ranking waits for them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.ranking_rule import OnDisagreement
from portal.challenges.settings import Settings
from portal.core.access import SYSTEM
from portal.core.crypto import sha256
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.rankings.disagreement import further, queries, rules
from portal.reviews.rankings.disagreement.models import Disagreement, Party
from portal.reviews.rankings.disagreement.rules import (
    BEGINS,
    DISAGREEMENT_MOVES,
    DisagreementState,
    Found,
    Limits,
    Marked,
)
from portal.reviews.rounds.models import Round
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState

ASKED = N_("Scores of “%(title)s” are far apart: please give your reasons.")
DISCUSSED = N_("Scores of “%(title)s” are far apart: a discussion without names is open.")


def limits_of(settings: Settings) -> Limits:
    """The challenge's published limits."""
    return Limits(settings.spread_max, settings.distance_max, settings.criterion_spread_max)


def far_apart(sheets: Sequence[Sheet], review: Round) -> dict[UUID, Found]:
    """The bids whose sheets, all of them in, are far apart."""
    weights = [criterion.weight for criterion in review.challenge.criteria]
    by_bid: dict[UUID, list[Marked]] = {}
    for sheet in sheets:
        if sheet.total is not None:
            ordered = sorted(sheet.scores, key=lambda score: score.criterion.position)
            points = tuple(score.points or sheet.total * 0 for score in ordered)
            by_bid.setdefault(sheet.bid_id, []).append(Marked(sheet.seat_id, sheet.total, points))
    limits = limits_of(review.challenge.rules)
    told = {bid: rules.disagreement(some, weights, limits) for bid, some in by_bid.items()}
    return {bid: found for bid, found in told.items() if found is not None}


def holds(session: Session, review: Round, sheets: Sequence[Sheet], now: datetime) -> bool:
    """Whether the ranking waits; opens what is found, in a transaction of the caller's.

    Every sheet is in and the round is locked. Once a bid and round: it is not asked again.
    """
    act = review.challenge.rules.on_disagreement
    known = {found.bid_id: found for found in queries.of_round(session, review.id)}
    for found in known.values():
        if found.state is DisagreementState.WIDENED and _further_is_in(found, sheets):
            close(session, found, "settle", "", now)
    if act is OnDisagreement.NOTE:
        return any(found.is_open for found in known.values())
    for bid_id, apart in far_apart(sheets, review).items():
        if bid_id not in known:
            known[bid_id] = _open(session, review, bid_id, apart, sheets, now)
    return any(found.is_open for found in known.values())


def _further_is_in(found: Disagreement, sheets: Sequence[Sheet]) -> bool:
    return any(
        sheet.seat.only_bid_id == found.bid_id and sheet.state is SheetState.SUBMITTED
        for sheet in sheets
    )


def _open(
    session: Session,
    review: Round,
    bid_id: UUID,
    found: Found,
    sheets: Sequence[Sheet],
    now: datetime,
) -> Disagreement:
    settings = review.challenge.rules
    made = Disagreement(
        round=review,
        bid_id=bid_id,
        found={
            "spread": str(found.spread),
            "distance": str(found.distance),
            "criteria": list(found.criteria),
        },
        found_at=now,
        ends_at=now + timedelta(days=settings.disagreement_days),
        state=DISAGREEMENT_MOVES.initial,
    )
    session.add(made)
    session.flush()
    seats = [sheet.seat for sheet in sheets if sheet.bid_id == bid_id]
    for number, seat in enumerate(sorted(seats, key=lambda s: _shuffled(made, s.id)), 1):
        concerned = seat.id in found.seats
        made.parties.append(Party(seat=seat, number=number, concerned=concerned))
    session.flush()
    facts = {"bid": bid_id, "spread": found.spread, "distance": found.distance}
    audit.record(session, SYSTEM, Action.DISAGREEMENT_FOUND, made.subject_ref, now, **facts)
    move = BEGINS[settings.on_disagreement]
    if move == "discuss":
        DISAGREEMENT_MOVES.move(made, "discuss")
    if move == "widen" and further.invite(session, made, now):
        DISAGREEMENT_MOVES.move(made, "widen")
    else:
        ask(session, made)
    _tell_officers(session, made)
    return made


def _shuffled(found: Disagreement, seat_id: UUID) -> str:
    """An order that no reviewer can foresee and that is another one in every disagreement."""
    return sha256(f"{found.id}:{seat_id}".encode())


def ask(session: Session, found: Disagreement) -> None:
    """Ask those who are to answer, once in each state, in a transaction of the caller's."""
    discussing = found.state is DisagreementState.DISCUSSING
    people = [p.seat.reviewer.person_id for p in found.parties if discussing or p.concerned]
    text = DISCUSSED if discussing else ASKED
    news = Message(text, {"title": both(found.round.challenge)})
    key = f"disagreement.{found.state.value}:{found.id}"
    notify(session, people, key, news, f"/disagreements/{found.id}")


def _tell_officers(session: Session, found: Disagreement) -> None:
    text = N_("Score sheets of “%(title)s” are far apart; the ranking waits until it is settled.")
    challenge = found.round.challenge
    news = Message(text, {"title": both(challenge)})
    people = challenges.managers(session, challenge)
    notify(session, people, f"disagreement.found:{found.id}", news, f"/disagreements/{found.id}")


def close(session: Session, found: Disagreement, move: str, closing: str, now: datetime) -> None:
    """Settle it, or let it lapse, in a transaction of the caller's. Raises IllegalMove."""
    DISAGREEMENT_MOVES.move(found, move)
    found.closed_at, found.closing = now, closing
    further.release(session, found, now)
    facts = {"state": found.state, "reason": closing}
    audit.record(session, SYSTEM, Action.DISAGREEMENT_CLOSED, found.subject_ref, now, **facts)
