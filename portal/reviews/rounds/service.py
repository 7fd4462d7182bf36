"""Review rounds: start, fill the seats, begin scoring, remind. Each may run twice without harm."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.bids.checks import queries as checks
from portal.bids.rules import require_passed
from portal.challenges import queries as challenges
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.outbox import Topic
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.conflicts import service as conflicts
from portal.reviews.draws import queries as draw_queries
from portal.reviews.rounds import policy, queries, seating
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.plan import RoundPlan
from portal.reviews.rounds.rules import ROUND_MOVES, RoundKind, RoundState, SeatState
from portal.reviews.sheets.models import Sheet


def start_round(actor: Actor, challenge_id: UUID, now: datetime) -> Round:
    """Begin the review of the eligible bids. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        challenge = challenges.lock(session, challenge_id)
        policy.may_start(actor, challenge).enforce()
        checks.require_settled(session, challenge_id, now)
        rules = challenge.rules
        require_passed(len(bids.eligible(session, challenge_id)), rules.bids_min)
        conflicts.require_decided(session, challenge_id)
        draw_queries.require_drawn(session, challenge_id)
        advance(challenge, "review", now)
        plan = RoundPlan.of(rules)
        made = Round(
            challenge=challenge,
            number=1,
            plan=plan.kept(),
            seats_wanted=rules.reviewers,
            started_by=actor.user_id,
            started_at=now,
            sheets_due_at=now + timedelta(days=plan.answer_days + plan.score_days),
        )
        session.add(made)
        session.flush()
        audit.record(session, actor, Action.ROUND_STARTED, made.subject_ref, now)
        outbox.announce(session, Topic.ROUND_STARTED, round_id=made.id)
    return made


def invite(round_id: UUID, now: datetime) -> None:
    """Invite the first in the order of the draw; a second run does nothing."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        if not review.seats:
            seating.fill(session, review, now)


def refill(round_id: UUID, now: datetime) -> None:
    """Invite in place of those who left; a second run finds nothing to fill."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        sits = review.kind is RoundKind.MEETING
        if review.state is RoundState.SCORING and not sits and seating.vacant(session, review):
            ROUND_MOVES.move(review, "reinvite")
        if review.state is RoundState.INVITING:
            seating.fill(session, review, now)
        _hand_on(session, review)


def _hand_on(session: Session, review: Round) -> None:
    """What rooms above do about a vacancy: each in an event, and so in a transaction, of its own."""
    if review.kind is RoundKind.POOL and review.state is RoundState.INVITING:
        outbox.announce(session, Topic.POOL_VACATED, round_id=review.id)
    if any(seat.only_bid_id for seat in review.seats):
        outbox.announce(session, Topic.FURTHER_SEAT, round_id=review.id)


def begin_scoring(round_id: UUID, now: datetime) -> None:
    """When every seat has been accepted, make the sheets; a second run does nothing.

    A meeting is begun by an officer, on its day.
    """
    with transaction() as session:
        review = queries.lock(session, round_id)
        if review.kind is RoundKind.MEETING:
            return
        if review.state is not RoundState.INVITING or not seating.complete(session, review):
            return
        ready = [s for s in review.seats if s.state in (SeatState.ACCEPTED, SeatState.DONE)]
        ROUND_MOVES.move(review, "score")
        for seat in ready:
            _make_sheets(session, review, seat, now)
        audit.record(session, SYSTEM, Action.SCORING_BEGUN, review.subject_ref, now)
        people = [seat.reviewer.person_id for seat in ready]
        news = Message(N_("Scoring of “%(title)s” begins."), {"title": both(review.challenge)})
        notify(session, people, f"round.scoring:{review.id}", news, "/reviews")


def _make_sheets(session: Session, review: Round, seat: Seat, now: datetime) -> None:
    """The sheets that a seat lacks. Whoever gets one has the plan's days from now."""
    known = {sheet.bid_id for sheet in seat.sheets}
    lacking = [bid for bid in queries.bids_of(session, seat) if bid.id not in known]
    session.add_all(Sheet(seat=seat, bid_id=bid.id) for bid in lacking)
    whole = now + timedelta(days=review.days.score_days)
    if lacking and whole > seat.sheets_due_at:
        seat.due_at = whole


def tell_officers(round_id: UUID, now: datetime) -> None:
    """Tell the issuing body that the ranking stands."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        news = Message(N_("The ranking of “%(title)s” stands."), {"title": both(review.challenge)})
        people = challenges.managers(session, review.challenge)
        url = f"/challenges/{review.challenge.code}/round"
        notify(session, people, f"round.ranked:{review.id}", news, url)
