"""When somebody leaves a pool round: what is left is solved again, around everybody who stays."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.core.access import SYSTEM
from portal.core.db import transaction
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.allotment import queries
from portal.reviews.allotment.material import Material, Pair, gathered, instance_of
from portal.reviews.allotment.models import Allotment
from portal.reviews.allotment.releasing import Given, invite, seat
from portal.reviews.allotment.rules import OrderKind, Wanted
from portal.reviews.assignment.instance import Instance
from portal.reviews.assignment.optimum import Assignment, Infeasible, best_assignment
from portal.reviews.conflicts import service as conflicts
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Round, SeatBid
from portal.reviews.rounds.rules import SEATED, RoundState, SeatState


def refill(round_id: UUID, now: datetime) -> None:
    """Invite in place of those who left a pool round; a second run finds nothing to fill."""
    with transaction() as session:
        review = round_queries.lock(session, round_id)
        allotment = queries.released_for(session, review.challenge_id)
        if allotment is None or review.state is not RoundState.INVITING:
            return
        missing = _missing(session, review)
        if not missing:
            return
        conflicts.find(session, review.challenge_id, now)
        given, short = _solved(session, review, allotment, missing, now)
        _give(session, review, given, now)
        facts = {"bids": len(missing), "experts": len(given), "short": sum(short.values())}
        audit.record(session, SYSTEM, Action.ALLOTMENT_REFILLED, review.subject_ref, now, **facts)
        invite(session, allotment, given, f"{review.id}:{len(review.seats)}")
        if short:
            _tell_short(session, review, sum(short.values()))


def _missing(session: Session, review: Round) -> dict[UUID, int]:
    """How many reviewers each bid of the round lacks."""
    there: dict[UUID, int] = defaultdict(int)
    for _, bid_id in _standing(review):
        there[bid_id] += 1
    eligible = [one.bid_id for one in queries.versions(session, [review.challenge_id])]
    lacking = {one: review.seats_wanted - there[one] for one in eligible}
    return {one: count for one, count in lacking.items() if count > 0}


def _standing(review: Round) -> list[Pair]:
    """Who is seated for which bid: (reviewer, bid)."""
    seated = [one for one in review.seats if one.state in SEATED]
    return [(one.reviewer_id, given.bid_id) for one in seated for given in one.given]


def _solved(
    session: Session,
    review: Round,
    allotment: Allotment,
    missing: dict[UUID, int],
    now: datetime,
) -> tuple[Given, dict[str, int]]:
    """Who is to read what is missing; what nobody can read is left out, and counted."""
    versions = [
        one for one in queries.versions(session, [review.challenge_id]) if one.bid_id in missing
    ]
    found = gathered(session, allotment.call_id, versions, allotment.topics, now)
    instance = _instance(review, found, missing)
    short: dict[str, int] = {}
    try:
        solved = best_assignment(instance)
    except Infeasible as why:
        short = why.lacking
        solved = _as_far_as_possible(instance, short)
    given = defaultdict(list)
    bids, people = (some.tolist() for some in instance.split(solved.pairs))
    for bid, who in zip(bids, people, strict=True):
        given[found.experts[who]].append(found.bids[bid])
    return given, short


def _instance(review: Round, found: Material, missing: dict[UUID, int]) -> Instance:
    """What is left to solve: nobody who left or has answered in this round is asked in it again."""
    over = {one.reviewer_id for one in review.seats if one.state is not SeatState.INVITED}
    homes = _homes_of_those_who_stay(review)
    banned = [
        (OrderKind.BAN, (bid, who))
        for who, home in zip(found.experts, found.organisations, strict=True)
        for bid in found.bids
        if who in over or home in homes[bid]
    ]
    wanted = Wanted(reviews=review.seats_wanted)
    instance = instance_of(found, wanted, banned, lambda done, total: None)
    return replace(instance, reviews=np.array([missing[one] for one in found.bids], np.int64))


def _homes_of_those_who_stay(review: Round) -> dict[UUID, set[UUID]]:
    homes = {one.reviewer_id: one.reviewer.organisation_id for one in review.seats}
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for reviewer_id, bid_id in _standing(review):
        found[bid_id].add(homes[reviewer_id])
    return found


def _as_far_as_possible(instance: Instance, short: dict[str, int]) -> Assignment:
    """The best with so many fewer; again, when what is left is short as well."""
    numbers = {name: number for number, name in enumerate(instance.bids)}
    reviews = instance.reviews.copy()
    for name, count in short.items():
        reviews[numbers[name]] -= count
    try:
        return best_assignment(replace(instance, reviews=np.maximum(reviews, 0)))
    except Infeasible:
        nobody = replace(instance, reviews=np.zeros_like(reviews))
        return best_assignment(nobody)


def _give(session: Session, review: Round, given: Given, now: datetime) -> None:
    """Those who are invited already get more bids; the others a seat."""
    known = {one.reviewer_id: one for one in review.seats}
    fresh = {who: bids for who, bids in given.items() if who not in known}
    for who in given.keys() - fresh.keys():
        held = known[who]
        held.given.extend(SeatBid(bid_id=one) for one in given[who])
        held.answer_by = max(held.answer_by, now + timedelta(days=review.days.answer_days))
    seat(session, review, fresh, now)
    due = timedelta(days=review.days.answer_days + review.days.score_days)
    review.sheets_due_at = max(review.sheets_due_at, now + due)


def _tell_short(session: Session, review: Round, count: int) -> None:
    text = N_("%(count)s reviews of “%(title)s” have nobody left in the pool who may read them.")
    news = Message(text, {"title": both(review.challenge), "count": count})
    people = challenges.managers(session, review.challenge)
    url = f"/calls/{review.challenge.call.number}/allotment"
    notify(session, people, f"round.short:{review.id}:{len(review.seats)}", news, url)
