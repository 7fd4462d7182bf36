"""Asking for a solution, and ordering what every further one keeps to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.models import Call
from portal.core import jobs
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.jobs import Job, Wish
from portal.core.words import N_, Message
from portal.reviews.allotment import policy, queries, rules
from portal.reviews.allotment.models import Allotment, AllotmentOrder, Scenario
from portal.reviews.allotment.rules import AllotmentState, OrderKind, Wanted
from portal.reviews.conflicts import queries as conflict_queries

KIND = "reviews.allotment"
Pair = tuple[UUID, UUID]
"""Bid, reviewer."""
Topics = Mapping[UUID, Sequence[str]]


def ask(actor: Actor, call_id: UUID, wanted: Wanted, topics: Topics, now: datetime) -> Job:
    """Have the call's bids assigned; the first time begins the assignment.

    `topics` are the codes of disciplines by challenge. Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        call = challenges.lock_call(session, call_id)
        policy.may_prepare(actor, call).enforce()
        if not rules.is_possible(wanted):
            raise Invalid("reviews", N_("The parts of the pool ask for more reviewers than that."))
        allotment = _current(session, actor, call, now)
        known = jobs.latest(session, KIND, allotment.subject_ref)
        if known is not None and known.is_live:
            raise IllegalMove(N_("A solution is being looked for; wait for it, or cancel it."))
        allotment.topics = {str(one): list(codes) for one, codes in topics.items()}
        made = Scenario(
            allotment=allotment,
            number=max((one.number for one in allotment.scenarios), default=0) + 1,
            parameters=wanted.kept(),
            asked_by=actor.user_id,
            asked_at=now,
        )
        session.add(made)
        session.flush()
        facts = {"scenario": made.number, **wanted.kept(), "minima": _said(wanted)}
        audit.record(session, actor, Action.ALLOTMENT_ASKED, call.subject_ref, now, **facts)
        return jobs.ask(session, actor, _wish(call, made))


def _said(wanted: Wanted) -> str:
    return " ".join(f"{name}:{least}" for name, least in sorted(wanted.minima.items()))


def _current(session: Session, actor: Actor, call: Call, now: datetime) -> Allotment:
    """What is being prepared, or a new one for what no invitation has been sent for."""
    if not queries.under_review(session, call.id):
        raise IllegalMove(N_("No challenge of this call has opened bids that wait for reviewers."))
    known = queries.current(session, call.id)
    if known is not None and known.state is AllotmentState.PREPARING:
        return known
    number = known.number + 1 if known else 1
    made = Allotment(call=call, number=number, started_by=actor.user_id, started_at=now)
    session.add(made)
    session.flush()
    return made


def _wish(call: Call, scenario: Scenario) -> Wish:
    text = N_("Assignment of reviewers in “%(title)s”, scenario %(number)s")
    return Wish(
        kind=KIND,
        subject=scenario.allotment.subject_ref,
        title=Message(text, {"title": call.title, "number": scenario.number}),
        organisation_id=call.issuer_id,
        back=f"/calls/{call.number}/allotment",
        parameters={"scenario_id": str(scenario.id)},
    )


def order(
    actor: Actor, allotment_id: UUID, pair: Pair, kind: OrderKind, reason: str, now: datetime
) -> None:
    """Fix a pair, or rule it out, from the next solution on; what stood on it before is over.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        allotment = _changing(session, actor, allotment_id)
        _give(session, actor, allotment, {pair: kind}, reason, now)


def swap(
    actor: Actor, allotment_id: UUID, one: Pair, other: Pair, reason: str, now: datetime
) -> None:
    """Two experts exchange their bids, from the next solution on. Raises as `order` does."""
    with transaction() as session:
        allotment = _changing(session, actor, allotment_id)
        if one[0] == other[0] or one[1] == other[1]:
            raise Invalid("other", N_("Choose another expert with another bid."))
        told = {
            one: OrderKind.BAN,
            other: OrderKind.BAN,
            (one[0], other[1]): OrderKind.FIX,
            (other[0], one[1]): OrderKind.FIX,
        }
        _give(session, actor, allotment, told, reason, now)


def take_back(actor: Actor, allotment_id: UUID, pair: Pair, now: datetime) -> None:
    """An order no longer holds. Raises NotFound, NotAllowed."""
    with transaction() as session:
        allotment = _changing(session, actor, allotment_id)
        for known in queries.orders(session, allotment_id):
            if (known.bid_id, known.reviewer_id) == pair:
                known.taken_back_at = now
                facts = {"kind": "none", "bid": pair[0], "reviewer": pair[1], "reason": ""}
                ref = allotment.call.subject_ref
                audit.record(session, actor, Action.ALLOTMENT_ORDERED, ref, now, **facts)


def _changing(session: Session, actor: Actor, allotment_id: UUID) -> Allotment:
    allotment = queries.lock(session, allotment_id)
    policy.may_change(actor, allotment).enforce()
    return allotment


def _give(
    session: Session,
    actor: Actor,
    allotment: Allotment,
    told: Mapping[Pair, OrderKind],
    reason: str,
    now: datetime,
) -> None:
    _require_known(session, allotment, told)
    if len(reason.strip()) < rules.REASON_MINIMUM:
        text = N_("A reason of at least %(least)s characters, please.")
        raise Invalid("reason", text, least=rules.REASON_MINIMUM)
    standing = {(one.bid_id, one.reviewer_id): one for one in queries.orders(session, allotment.id)}
    for pair in told.keys() & standing.keys():
        standing[pair].taken_back_at = now
    session.flush()
    for (bid_id, reviewer_id), kind in told.items():
        session.add(
            AllotmentOrder(
                allotment_id=allotment.id,
                bid_id=bid_id,
                reviewer_id=reviewer_id,
                kind=kind,
                reason=reason.strip(),
                given_by=actor.user_id,
                given_at=now,
            )
        )
        facts = {"kind": kind.value, "bid": bid_id, "reviewer": reviewer_id}
        ref = allotment.call.subject_ref
        audit.record(
            session, actor, Action.ALLOTMENT_ORDERED, ref, now, **facts, reason=reason.strip()
        )


def _require_known(session: Session, allotment: Allotment, told: Mapping[Pair, OrderKind]) -> None:
    """Bids of the call and experts of the pool only, and nobody fixed across a conflict."""
    places = [one.id for one in queries.under_review(session, allotment.call_id)]
    bids = {one.bid_id for one in queries.versions(session, places)}
    clashes = {(row[1], row[0]) for row in conflict_queries.pairs(session, allotment.call_id)}
    for pair, kind in told.items():
        conflict_queries.expert(session, pair[1])
        if pair[0] not in bids:
            raise Invalid("other", N_("This bid is not waiting for reviewers."))
        if kind is OrderKind.FIX and pair in clashes:
            raise Invalid("other", N_("A conflict of interest stands between them."))
