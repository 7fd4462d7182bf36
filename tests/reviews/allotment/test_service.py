"""The assignment for a call: solved, put right, released, answered, and filled again."""

import json
import zlib
from collections import Counter
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.crypto import canonical, sha256
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound
from portal.core.tasks import Task
from portal.notifications.models import InboxItem
from portal.reviews.allotment import answering, queries, refilling, releasing, service, solving
from portal.reviews.allotment.models import Allotment, Scenario, ScenarioPair
from portal.reviews.allotment.rules import AllotmentState, OrderKind, ScenarioState, Wanted
from portal.reviews.assignment.instance import from_json
from portal.reviews.assignment.optimum import best_assignment
from portal.reviews.conflicts.declaring import NO_TIE, Tie
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundKind, RoundState, SeatState
from tests.factories.accounts import make_actor
from tests.factories.allotments import (
    bids_of,
    make_call,
    make_released,
    make_scenario,
    newest,
    officer_for,
    places,
)
from tests.factories.conflicts import make_conflict
from tests.factories.reviews import make_reviewer, reviewer_of, seats_of

KIN = Tie(ConflictKind.KIN, "配偶任该单位副总经理。")


def read_by(session: Session, scenario: Scenario) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for pair in queries.pairs(session, scenario.id):
        found.setdefault(pair.bid_id, set()).add(pair.reviewer_id)
    return found


def rounds_in(session: Session, allotment: Allotment) -> list[Round]:
    session.expire_all()
    ids = queries.rounds_of(session, allotment.call_id)
    return [session.get_one(Round, one) for one in ids]


def test_every_bid_has_its_reviewers_within_loads_and_conflicts(session: Session) -> None:
    call = make_call()
    officer, bids = officer_for(call), bids_of(call)
    kept_away = queries.candidates(session, call.created_at)[0][0]
    make_conflict(kept_away, places(call)[0])
    scenario = make_scenario(call, officer)
    read = read_by(session, scenario)
    assert scenario.state is ScenarioState.SOLVED
    assert set(read) == set(bids)
    assert all(len(people) == 2 for people in read.values())
    loads = Counter(one for people in read.values() for one in people)
    assert max(loads.values()) <= 4
    first = {bid for bid, people in read.items() if kept_away.id in people}
    assert not first & {one.bid_id for one in queries.versions(session, [places(call)[0].id])}
    pair = queries.pairs(session, scenario.id)[0]
    assert pair.why["disciplines"] == ["52020"]
    assert pair.why["keywords"] == ["自研引擎"]


def test_who_has_all_they_take_is_no_candidate(session: Session, now: datetime) -> None:
    call = make_call(experts=3)
    assert len(queries.candidates(session, now)) == 3
    make_released(call, officer_for(call), Wanted(reviews=3, fair=False))
    assert queries.candidates(session, now) == []


def test_the_log_has_the_fingerprints_of_what_was_solved_and_of_what_came_out(
    session: Session,
) -> None:
    call = make_call()
    scenario = make_scenario(call, officer_for(call))
    kept = zlib.decompress(scenario.instance or b"")
    again = best_assignment(from_json(json.loads(kept))).to_json()["assignment"]
    entry = session.scalars(select(Entry).where(Entry.kind == Action.ALLOTMENT_SOLVED)).one()
    logged = entry.payload or {}
    assert logged["instance"] == sha256(kept) == scenario.instance_sha256
    assert logged["result"] == sha256(canonical(again)) == scenario.result_sha256


def test_what_cannot_be_served_says_which_bid_lacks_whom(session: Session) -> None:
    call = make_call(experts=2)
    scenario = make_scenario(call, officer_for(call), Wanted(reviews=3, fair=False))
    assert scenario.state is ScenarioState.SHORT
    told = scenario.shortfall or {}
    assert {UUID(row["bid"]) for row in told["lacking"]} == set(bids_of(call))
    assert told["lacking"][0]["organisations"] == 2
    assert any("other organisations" in one["text"] for one in told["helps"])


def test_a_worker_that_takes_over_after_the_solution_was_kept_leaves_it(
    session: Session, now: datetime
) -> None:
    call = make_call()
    scenario = make_scenario(call, officer_for(call))
    before = scenario.solved_at, read_by(session, scenario)
    told = {"scenario_id": str(scenario.id)}
    again = Task(uuid4(), service.KIND, "", told, None, uuid4(), now)
    assert solving.run(again).url == f"/calls/{call.number}/allotment/1"
    session.expire_all()
    assert (scenario.solved_at, read_by(session, scenario)) == before


def test_a_mix_of_the_pool_is_kept(session: Session) -> None:
    call = make_call()
    scenario = make_scenario(call, officer_for(call), Wanted(2, False, minima={"finance": 1}))
    by_bid: dict[UUID, list[str]] = {}
    for pair in queries.pairs(session, scenario.id):
        by_bid.setdefault(pair.bid_id, []).append(pair.reviewer.stratum.value)
    assert all("finance" in strata for strata in by_bid.values())


def test_orders_hold_in_every_further_solution(session: Session, now: datetime) -> None:
    call = make_call()
    officer, bid = officer_for(call), bids_of(call)[0]
    first = make_scenario(call, officer)
    kept = read_by(session, first)[bid]
    there = [one for one, _ in queries.candidates(session, now)]
    out = min(kept)
    other = next(one.id for one in there if one.id not in kept)
    for pair, kind in (((bid, out), OrderKind.BAN), ((bid, other), OrderKind.FIX)):
        service.order(officer, first.allotment_id, pair, kind, "技术方向更合适", now)
    second = make_scenario(call, officer)
    found = read_by(session, second)[bid]
    assert other in found
    assert out not in found
    assert [p.reviewer_id for p in queries.pairs(session, second.id) if p.fixed] == [other]
    assert read_by(session, first)[bid] == kept  # a scenario is not changed
    service.take_back(officer, first.allotment_id, (bid, out), now)
    assert [one.kind for one in queries.orders(session, first.allotment_id)] == [OrderKind.FIX]


def test_two_experts_exchange_their_bids(session: Session, now: datetime) -> None:
    call = make_call()
    officer = officer_for(call)
    first = make_scenario(call, officer)
    read = read_by(session, first)
    (one, mine), *_, (other, theirs) = read.items()
    left = min(mine - theirs or mine)
    right = min(theirs - mine or theirs - {left})
    with pytest.raises(Invalid):
        service.swap(
            officer, first.allotment_id, (one, left), (one, right), "两位专家互换更合适", now
        )
    service.swap(
        officer, first.allotment_id, (one, left), (other, right), "两位专家互换更合适", now
    )
    found = read_by(session, make_scenario(call, officer))
    assert right in found[one]
    assert left not in found[one]
    assert left in found[other]
    assert right not in found[other]


def test_nobody_is_fixed_across_a_conflict_or_without_a_reason(
    session: Session, now: datetime
) -> None:
    call = make_call()
    officer, bid = officer_for(call), bids_of(call)[0]
    scenario = make_scenario(call, officer)
    expert = make_reviewer()
    pair = bid, expert.id
    session.commit()
    with pytest.raises(Invalid):
        service.order(officer, scenario.allotment_id, pair, OrderKind.FIX, "好", now)
    make_conflict(expert, places(call)[0], bid_id=bid)
    session.commit()
    with pytest.raises(Invalid):
        service.order(officer, scenario.allotment_id, pair, OrderKind.FIX, "技术方向更合适", now)
    with pytest.raises(NotAllowed):
        service.order(make_actor(), scenario.allotment_id, pair, OrderKind.BAN, "无关人员", now)


def test_the_release_begins_a_round_for_each_challenge_and_invites_once(
    session: Session, now: datetime
) -> None:
    call = make_call()
    officer = officer_for(call)
    scenario = make_scenario(call, officer)
    with pytest.raises(NotAllowed):
        releasing.release(make_actor(), scenario.allotment_id, 1, now)
    released = releasing.release(officer, scenario.allotment_id, 1, now)
    assert released.state is AllotmentState.RELEASED
    rounds = rounds_in(session, released)
    assert [one.kind for one in rounds] == [RoundKind.POOL] * 2
    assert {one.challenge.state for one in rounds} == {ChallengeState.REVIEWING}
    seats = [seat for one in rounds for seat in one.seats]
    given = {(given.bid_id, seat.reviewer_id) for seat in seats for given in seat.given}
    assert given == {(p.bid_id, p.reviewer_id) for p in queries.pairs(session, scenario.id)}
    invited = select(InboxItem.person_id).where(InboxItem.key.startswith("allotment.invited"))
    people = session.scalars(invited).all()
    assert sorted(people) == sorted({seat.reviewer.person_id for seat in seats})
    with pytest.raises(NotAllowed):
        releasing.release(officer, scenario.allotment_id, 1, now)


def test_a_scenario_that_a_conflict_has_overtaken_is_not_released(
    session: Session, now: datetime
) -> None:
    call = make_call()
    officer = officer_for(call)
    scenario = make_scenario(call, officer)
    pair = queries.pairs(session, scenario.id)[0]
    make_conflict(pair.reviewer, pair.bid.challenge, bid_id=pair.bid_id)
    session.commit()
    with pytest.raises(IllegalMove, match="solve it again"):
        releasing.release(officer, scenario.allotment_id, 1, now)


def own(session: Session, allotment: Allotment, actor: Actor) -> list[Seat]:
    return queries.own_seats(session, actor, allotment.call_id, SeatState.INVITED)


def a_reviewer(session: Session, allotment: Allotment) -> Actor:
    """One who is asked in both challenges of the call."""
    seats = [seat for one in rounds_in(session, allotment) for seat in one.seats]
    who, count = Counter(seat.reviewer_id for seat in seats).most_common(1)[0]
    assert count == 2
    return reviewer_of(next(seat for seat in seats if seat.reviewer_id == who))


def test_one_answer_takes_every_bid_but_those_with_a_tie(session: Session, now: datetime) -> None:
    call = make_call(experts=4)
    released = make_released(call, officer_for(call))
    actor = a_reviewer(session, released)
    asked = answering.asked(session, own(session, released, actor))
    with pytest.raises(InvalidInput):
        answering.answer(actor, call.id, {asked[0].id: NO_TIE}, (), now)
    ties = {bid.id: NO_TIE for bid in asked[1:]} | {asked[0].id: KIN}
    answering.answer(actor, call.id, ties, (), now)
    session.expire_all()
    seats = queries.own_seats(session, actor, call.id)
    held = {g.bid_id for seat in seats for g in seat.given if seat.state is SeatState.ACCEPTED}
    assert held == {bid.id for bid in asked[1:]}
    with pytest.raises(NotFound):
        answering.answer(actor, call.id, ties, (), now)


def test_whoever_declines_is_replaced_by_others_around_those_who_stay(
    session: Session, now: datetime
) -> None:
    call = make_call()
    released = make_released(call, officer_for(call))
    actor = a_reviewer(session, released)
    answering.decline(actor, call.id, "近期出差,无法按期评审。", now)
    before = {
        (seat.reviewer_id, given.bid_id)
        for review in rounds_in(session, released)
        for seat in seats_of(review, SeatState.INVITED)
        for given in seat.given
    }
    for review in rounds_in(session, released):
        for _ in range(2):  # a second run changes nothing
            refilling.refill(review.id, now)
    for review in rounds_in(session, released):
        served = Counter(g.bid_id for s in seats_of(review, SeatState.INVITED) for g in s.given)
        assert set(served.values()) == {2}
        after = {(s.reviewer_id, g.bid_id) for s in seats_of(review) for g in s.given}
        places = {bid_id for _, bid_id in after}
        assert {pair for pair in before if pair[1] in places} <= after
    with pytest.raises(NotFound):
        own(session, released, actor)


def test_scoring_begins_when_all_have_answered(session: Session, now: datetime) -> None:
    call = make_call(experts=4)
    released = make_released(call, officer_for(call))
    for review in rounds_in(session, released):
        for seat in seats_of(review):
            actor = reviewer_of(seat)
            try:
                asked = answering.asked(session, own(session, released, actor))
            except NotFound:
                continue  # answered with the other challenge
            answering.answer(actor, call.id, {bid.id: NO_TIE for bid in asked}, (), now)
    for review in rounds_in(session, released):
        round_service.begin_scoring(review.id, now)
    for review in rounds_in(session, released):
        assert review.state is RoundState.SCORING
        assert sum(len(seat.sheets) for seat in review.seats) == 4


def test_when_nobody_is_left_the_officers_are_told(session: Session, now: datetime) -> None:
    call = make_call(challenges=1, experts=2)
    released = make_released(call, officer_for(call))
    review = rounds_in(session, released)[0]
    answering.decline(reviewer_of(review.seats[0]), call.id, "近期出差,无法按期评审。", now)
    refilling.refill(review.id, now)
    told = session.scalars(select(InboxItem).where(InboxItem.key.startswith("round.short"))).all()
    assert {one.parameters["count"] for one in told} == {"2"}


def test_an_assignment_after_the_release_takes_what_is_opened_later(session: Session) -> None:
    call = make_call(challenges=1)
    officer = officer_for(call)
    make_released(call, officer)
    with pytest.raises(IllegalMove):
        make_scenario(call, officer)
    assert newest(call).number == 1
    assert session.scalars(select(ScenarioPair)).first() is not None
