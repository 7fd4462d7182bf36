"""Sending the invitations: a round for each challenge, a seat for each expert, one invitation each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids.checks import queries as checks
from portal.bids.rules import require_passed
from portal.challenges import queries as challenges
from portal.challenges.models import Call, Challenge
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove
from portal.core.outbox import Topic
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.allotment import policy, queries
from portal.reviews.allotment.models import Allotment, Scenario, ScenarioPair
from portal.reviews.allotment.rules import ALLOTMENT_MOVES
from portal.reviews.conflicts import queries as conflict_queries
from portal.reviews.conflicts import service as conflicts
from portal.reviews.pool import queries as pool
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat, SeatBid
from portal.reviews.rounds.plan import RoundPlan
from portal.reviews.rounds.rules import RoundKind

STALE = N_(
    "Since this scenario was solved, bids, conflicts or the pool have changed: solve it again."
)
Given = Mapping[UUID, Sequence[UUID]]
"""By reviewer: the bids."""


def release(actor: Actor, allotment_id: UUID, number: int, now: datetime) -> Allotment:
    """Begin the pool rounds of a scenario, and invite. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        allotment = queries.lock(session, allotment_id)
        scenario = queries.scenario(session, allotment, number)
        policy.may_release(actor, allotment, scenario).enforce()
        places = [
            challenges.lock(session, one.id)
            for one in queries.under_review(session, allotment.call_id)
        ]
        _require_ready(session, places, now)
        pairs = queries.pairs(session, scenario.id)
        _require_fresh(session, allotment, places, pairs, now)
        ALLOTMENT_MOVES.move(allotment, "release")
        allotment.released_by, allotment.released_at = actor.user_id, now
        allotment.released_number = number
        _note(session, actor, allotment.call, scenario, places, now)
        for challenge in places:
            own = [one for one in pairs if one.bid.challenge_id == challenge.id]
            _begin(session, actor, challenge, scenario, own, now)
        invite(session, allotment, {one.reviewer_id for one in pairs}, "1")
    return allotment


def _require_ready(session: Session, places: Iterable[Challenge], now: datetime) -> None:
    for challenge in places:
        checks.require_settled(session, challenge.id, now)
        conflicts.require_decided(session, challenge.id)


def _require_fresh(
    session: Session,
    allotment: Allotment,
    places: Sequence[Challenge],
    pairs: Sequence[ScenarioPair],
    now: datetime,
) -> None:
    """The bids are those that were assigned, and nobody has left the pool or got a conflict."""
    conflicts.find_for_call(session, allotment.call_id, now)
    clashes = {(row[1], row[0]) for row in conflict_queries.pairs(session, allotment.call_id)}
    there = {one.id for one in pool.available(session, now)}
    bids = queries.versions(session, [one.id for one in places])
    same = {one.bid_id for one in bids} == {one.bid_id for one in pairs}
    free = all((one.bid_id, one.reviewer_id) not in clashes for one in pairs)
    if not (same and free and all(one.reviewer_id in there for one in pairs)):
        raise IllegalMove(STALE)
    for challenge in places:
        count = sum(one.bid.challenge_id == challenge.id for one in bids)
        require_passed(count, challenge.rules.bids_min)


def _note(
    session: Session,
    actor: Actor,
    call: Call,
    scenario: Scenario,
    places: Sequence[Challenge],
    now: datetime,
) -> None:
    facts = {
        "scenario": scenario.number,
        "instance": scenario.instance_sha256,
        "result": scenario.result_sha256,
        "challenges": len(places),
    }
    audit.record(session, actor, Action.ALLOTMENT_RELEASED, call.subject_ref, now, **facts)


def _begin(
    session: Session,
    actor: Actor,
    challenge: Challenge,
    scenario: Scenario,
    pairs: Sequence[ScenarioPair],
    now: datetime,
) -> None:
    rules = challenge.rules
    advance(challenge, "review", now)
    plan = RoundPlan(answer_days=rules.invite_days, score_days=rules.review_days)
    made = Round(
        challenge=challenge,
        number=1,
        kind=RoundKind.POOL,
        plan=plan.kept(),
        seats_wanted=scenario.wanted.reviews,
        started_by=actor.user_id,
        started_at=now,
        sheets_due_at=now + timedelta(days=plan.answer_days + plan.score_days),
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, Action.ROUND_STARTED, made.subject_ref, now)
    given = defaultdict(list)
    for one in pairs:
        given[one.reviewer_id].append(one.bid_id)
    seat(session, made, given, now)
    outbox.announce(session, Topic.ROUND_STARTED, round_id=made.id)


def seat(session: Session, review: Round, given: Given, now: datetime) -> list[Seat]:
    """Seats of a pool round with their bids, in a transaction of the caller's."""
    made = []
    first = max((one.position for one in review.seats), default=-1) + 1
    for place, reviewer_id in enumerate(sorted(given), start=first):
        one = Seat(
            round=review,
            reviewer_id=reviewer_id,
            position=place,
            invited_at=now,
            answer_by=now + timedelta(days=review.days.answer_days),
            given=[SeatBid(bid_id=bid_id) for bid_id in sorted(given[reviewer_id])],
        )
        session.add(one)
        made.append(one)
    session.flush()
    for one in made:
        facts = {"place": one.position, "bids": len(one.given)}
        audit.record(session, SYSTEM, Action.SEAT_INVITED, f"seat:{one.id}", now, **facts)
    return made


def invite(session: Session, allotment: Allotment, reviewers: Iterable[UUID], wave: str) -> None:
    """One invitation for all bids of the call; of a later wave for those that came after."""
    call = allotment.call
    people = [session.get_one(Reviewer, one).person_id for one in reviewers]
    text = N_("You are invited to review bids of “%(title)s”.")
    key = f"allotment.invited:{allotment.id}:{wave}"
    url = f"/calls/{call.number}/invitation"
    notify(session, people, key, Message(text, {"title": call.title}), url)
