"""Calls whose bids wait for reviewers, and assignments of them, made as the portal makes them."""

import zlib
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from portal.accounts.models import Person
from portal.bids import queries as bids
from portal.challenges.models import Call, Challenge
from portal.core import clock
from portal.core.access import Actor
from portal.core.crypto import canonical
from portal.core.db import db
from portal.core.jobs import Job
from portal.reviews.allotment import queries, releasing, service
from portal.reviews.allotment.models import Allotment, AllotmentOrder, Scenario, ScenarioPair
from portal.reviews.allotment.rules import OrderKind, ScenarioState, Wanted
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import Stratum
from tests.factories.awards import officer_of
from tests.factories.remembered import remembered
from tests.factories.reviews import make_review_challenge, make_reviewer
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

TWO = Wanted(reviews=2, fair=False)


@remembered
def make_call(challenges: int = 2, bids_each: int = 2, experts: int = 6) -> Call:
    """A call with opened challenges, and experts of whom each is of another organisation."""
    first = make_review_challenge(bids=bids_each)
    for _ in range(challenges - 1):
        make_review_challenge(bids=bids_each, call=first.call)
    for number in range(experts):
        stratum = Stratum.FINANCE if number % 3 == 2 else Stratum.TECHNICAL
        make_reviewer(stratum=stratum, disciplines=["52020"], keywords=["自研引擎"], max_load=4)
    db.session.commit()
    return first.call


def officer_for(call: Call) -> Actor:
    """An officer of the issuing body."""
    return officer_of(places(call)[0])


def places(call: Call) -> Sequence[Challenge]:
    """Its challenges that wait for reviewers."""
    return queries.under_review(db.session, call.id)


def bids_of(call: Call) -> list[UUID]:
    """The bids that wait for reviewers."""
    return [bid.id for one in places(call) for bid in bids.eligible(db.session, one.id)]


def worked(job: Job) -> Job:
    """The job, done by a worker."""
    run_job(job.id, KINDS, 2)
    db.session.expire_all()
    return job


def make_scenario(call: Call, officer: Actor, wanted: Wanted = TWO) -> Scenario:
    """A scenario that has been solved, or falls short."""
    topics = {one.id: ["52020"] for one in places(call)}
    worked(service.ask(officer, call.id, wanted, topics, clock.now(db.session)))
    return newest(call).scenarios[-1]


def newest(call: Call) -> Allotment:
    """The call's assignment as it stands."""
    db.session.expire_all()
    found = queries.current(db.session, call.id)
    assert found is not None
    return found


def make_released(call: Call, officer: Actor, wanted: Wanted = TWO) -> Allotment:
    """An assignment whose invitations are sent."""
    scenario = make_scenario(call, officer, wanted)
    now = clock.now(db.session)
    return releasing.release(officer, scenario.allotment_id, scenario.number, now)


def make_kept_scenario(
    call: Call, challenge: Challenge, expert: Reviewer, officer: Person
) -> ScenarioPair:
    """A solved scenario with one pair, as if a worker had kept it; and an order on that pair."""
    now, bid = clock.now(db.session), bids.eligible(db.session, challenge.id)[0]
    allotment = Allotment(call=call, number=1, started_by=officer.id, started_at=now)
    told = {
        "reviewers": [{"id": str(expert.id), "max_load": 1}],
        "bids": [{"id": str(bid.id), "reviews": 1}],
        "fit": {"rows": [0], "cols": [0], "values": [0.5]},
    }
    figures = {"total": 0.5, "bound": 0.5, "worst": 0.5, "worst_bound": None, "load_most": 1}
    scenario = Scenario(
        allotment=allotment,
        number=1,
        state=ScenarioState.SOLVED,
        parameters=Wanted(reviews=1).kept(),
        asked_by=officer.id,
        asked_at=now,
        solved_at=now,
        figures={**figures, "bids": 1, "experts": 1, "places": 1, "asked": 1, "seconds": 0.1},
        instance=zlib.compress(canonical(told)),
    )
    db.session.add(scenario)
    db.session.flush()
    why = {"disciplines": ["52020"], "fields": [], "keywords": [], "text": 0.1}
    pair = ScenarioPair(
        scenario_id=scenario.id, bid_id=bid.id, reviewer_id=expert.id, fit=Decimal("0.5"), why=why
    )
    order = AllotmentOrder(
        allotment_id=allotment.id,
        bid_id=bid.id,
        reviewer_id=expert.id,
        kind=OrderKind.FIX,
        reason="技术方向吻合。",
        given_by=officer.id,
        given_at=now,
    )
    db.session.add_all([pair, order])
    db.session.flush()
    return pair
