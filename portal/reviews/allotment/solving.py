"""The long task: bids and experts are gathered, fits computed, and the scenario solved and kept."""

import zlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import SYSTEM
from portal.core.crypto import canonical, sha256
from portal.core.db import Json, db, transaction
from portal.core.errors import NotFound
from portal.core.jobs import stored
from portal.core.tasks import Outcome, Task
from portal.core.words import N_, Message
from portal.reviews.allotment import queries, shortfall
from portal.reviews.allotment.material import STRATA, Material, gathered, instance_of, written
from portal.reviews.allotment.models import AllotmentOrder, Scenario, ScenarioPair
from portal.reviews.allotment.rules import SCENARIO_MOVES, ScenarioState
from portal.reviews.assignment.fair import fair_assignment
from portal.reviews.assignment.instance import BadInstance, Instance, is_in
from portal.reviews.assignment.optimum import Assignment, Infeasible, best_assignment
from portal.reviews.conflicts import service as conflicts

STEPS = 100
FITS_FROM, SOLVE_FROM = 10, 60
"""Of a hundred steps: the bids and experts, their fits, and the solution itself."""


def run(task: Task) -> Outcome:
    """Solve one scenario; one that is solved already stays. Raises NotFound, Stopped."""
    scenario_id = UUID(task.parameters["scenario_id"])
    known = _scenario(db.session, scenario_id)
    if known.state is not ScenarioState.WAITING:
        return _told(known)
    task.step(0, STEPS, Message(N_("Looking for conflicts, and for who can be asked")))
    with transaction() as session:
        conflicts.find_for_call(
            session, _scenario(session, scenario_id).allotment.call_id, task.now
        )
    found = _gathered(db.session, scenario_id, task.now)

    def report(done: int, total: int) -> None:
        part = (SOLVE_FROM - FITS_FROM) * done // max(total, 1)
        words = N_("Comparing bid %(done)s of %(total)s with every expert")
        task.step(FITS_FROM + part, STEPS, Message(words, {"done": done + 1, "total": total}))

    scenario = _scenario(db.session, scenario_id)
    told = [(one.kind, (one.bid_id, one.reviewer_id)) for one in _orders(db.session, scenario)]
    wanted = scenario.wanted
    instance = instance_of(found, wanted, told, report)
    task.step(SOLVE_FROM, STEPS, Message(N_("Assigning the bids")))
    try:
        solved = fair_assignment(instance) if wanted.fair else best_assignment(instance)
    except Infeasible as why:
        return _keep_short(task, scenario_id, instance, why)
    except BadInstance as wrong:
        return _keep_wrong(task, scenario_id, instance, wrong)
    return _keep(task, scenario_id, found, solved)


def _scenario(session: Session, scenario_id: UUID) -> Scenario:
    found = session.get(Scenario, scenario_id)
    if found is None:
        raise NotFound
    return found


def _orders(session: Session, scenario: Scenario) -> list[AllotmentOrder]:
    return list(queries.orders(session, scenario.allotment_id))


def _gathered(session: Session, scenario_id: UUID, now: datetime) -> Material:
    allotment = _scenario(session, scenario_id).allotment
    places = [one.id for one in queries.under_review(session, allotment.call_id)]
    bids = queries.versions(session, places)
    return gathered(session, allotment.call_id, bids, allotment.topics, now)


def _keep(task: Task, scenario_id: UUID, found: Material, solved: Assignment) -> Outcome:
    instance, kept = solved.instance, written(solved.instance)
    result = solved.to_json()["assignment"]
    with transaction() as session:
        task.hold(session)
        scenario = _scenario(session, scenario_id)
        SCENARIO_MOVES.move(scenario, "solve")
        scenario.figures = _figures(solved)
        _fill(scenario, kept, task.now)
        scenario.result_sha256 = sha256(canonical(result))
        bids, people = (some.tolist() for some in instance.split(solved.pairs))
        fits = instance.fits_of(solved.pairs).tolist()
        fixed = is_in(solved.pairs, instance.fixed).tolist()
        session.add_all(
            ScenarioPair(
                scenario_id=scenario_id,
                bid_id=found.bids[bid],
                reviewer_id=found.experts[who],
                fit=fit,
                why=found.fits.why(bid, who).kept(),
                fixed=is_fixed,
            )
            for bid, who, fit, is_fixed in zip(bids, people, fits, fixed, strict=True)
        )
        _note(session, scenario, {"total": f"{solved.total:.6f}", "least": f"{solved.worst:.6f}"})
    return _told(scenario)


def _figures(solved: Assignment) -> Json:
    instance = solved.instance
    return {
        "bids": len(instance.bids),
        "experts": len(instance.reviewers),
        "places": int(instance.loads.sum()),
        "asked": int((solved.loads > 0).sum()),
        "total": round(solved.total, 6),
        "bound": round(solved.bound, 6),
        "worst": round(solved.worst, 6),
        "worst_bound": None if solved.floor_bound is None else round(solved.floor_bound, 6),
        "load_most": int(solved.loads.max(initial=0)),
        "seconds": round(solved.seconds, 3),
    }


def _fill(scenario: Scenario, kept: bytes, now: datetime) -> None:
    scenario.instance, scenario.instance_sha256 = zlib.compress(kept, 6), sha256(kept)
    scenario.solved_at = now


def _keep_short(task: Task, scenario_id: UUID, instance: Instance, why: Infeasible) -> Outcome:
    rows = shortfall.lacks(instance, why, {at: one.value for at, one in enumerate(STRATA)})
    told = {
        "lacking": [{**vars(row), "why": stored(row.why)} for row in rows],
        "full": why.full,
        "helps": [stored(one) for one in shortfall.helps(instance, why, rows)],
    }
    return _fall_short(task, scenario_id, instance, told)


def _keep_wrong(task: Task, scenario_id: UUID, instance: Instance, wrong: BadInstance) -> Outcome:
    """What is fixed breaks a rule by itself."""
    helps = [Message(N_("Take back what is fixed around these bids."))]
    told = {"lacking": [], "full": [], "helps": [stored(one) for one in (wrong.message, *helps)]}
    return _fall_short(task, scenario_id, instance, told)


def _fall_short(task: Task, scenario_id: UUID, instance: Instance, told: Json) -> Outcome:
    with transaction() as session:
        task.hold(session)
        scenario = _scenario(session, scenario_id)
        SCENARIO_MOVES.move(scenario, "fall_short")
        scenario.shortfall = told
        _fill(scenario, written(instance), task.now)
        _note(session, scenario, {"lacking": len(told["lacking"])})
    return _told(scenario)


def _note(session: Session, scenario: Scenario, facts: Mapping[str, object]) -> None:
    """What was solved and what came out, by fingerprint: anybody who has the files can compare."""
    hashes = {"instance": scenario.instance_sha256, "result": scenario.result_sha256 or ""}
    told = {"scenario": scenario.number, "state": scenario.state.value, **hashes, **facts}
    ref, now = scenario.allotment.call.subject_ref, scenario.solved_at or scenario.asked_at
    audit.record(session, SYSTEM, Action.ALLOTMENT_SOLVED, ref, now, **told)


def _told(scenario: Scenario) -> Outcome:
    words = N_("Scenario %(number)s cannot be served; its page says why.")
    if scenario.state is ScenarioState.SOLVED:
        words = N_("Scenario %(number)s: every bid has its reviewers.")
    number = scenario.allotment.call.number
    url = f"/calls/{number}/allotment/{scenario.number}"
    return Outcome(Message(words, {"number": scenario.number}), url=url)
