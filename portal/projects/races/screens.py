"""What the page of a race shows, so that a refused form comes back with all around it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import render_template

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.web import actor, now
from portal.projects.milestones.rules import TO_REPORT, MilestoneState
from portal.projects.models import Project
from portal.projects.races import comparison, queries
from portal.projects.races.forms import DecideForm, GateForm
from portal.projects.races.models import RaceGate
from portal.projects.races.rules import FEWEST, GateState, Verdict
from portal.projects.races.service import shared_milestones

Screen = tuple[str, int]


def race_screen(
    challenge: Challenge, gate: GateForm | None = None, deciding: DecideForm | None = None
) -> Screen:
    """The lanes side by side, the gates, and the officer's forms."""
    lanes, gates = _of(challenge)
    current = _current(gates)
    manages = bool(challenge_policy.may_manage(actor(), challenge))
    may_set = manages and current is None and bool(_free(lanes, gates))
    at = current.milestone if current else None
    page = render_template(
        "races/race.html",
        challenge=challenge,
        lanes=lanes,
        rows=comparison.rows(lanes, at),
        purses={lane.id: comparison.purse(lane) for lane in lanes},
        gates=gates,
        current=current,
        at_gate=[_shown_at(lane, at) for lane in lanes],
        is_open=bool(current) and _is_open(current, lanes, now()),
        gate=(gate or gate_form(challenge, GateForm(formdata=None))) if may_set else None,
        deciding=(deciding or decide_form(challenge, DecideForm(formdata=None)))
        if manages and current
        else None,
        waiting=waiting_at(gates, lanes),
    )
    return page, 422 if gate or deciding else 200


def gate_form(challenge: Challenge, form: GateForm) -> GateForm:
    """The form of a gate, with the milestones that all lanes share."""
    lanes, gates = _of(challenge)
    names = {one.position: one.title for lane in reversed(lanes) for one in lane.milestones}
    return form.at([(place, f"{place}. {names[place]}") for place in _free(lanes, gates)])


def decide_form(challenge: Challenge, form: DecideForm) -> DecideForm:
    """The form of the lanes that wait."""
    lanes, gates = _of(challenge)
    running = [lane for lane in lanes if lane.state in queries.RUNNING]
    return form.over(waiting_at(gates, lanes), running)


def verdicts_of(challenge: Challenge, form: DecideForm) -> dict[UUID, Verdict]:
    """What was chosen for the lanes that wait."""
    lanes, gates = _of(challenge)
    return form.verdicts(waiting_at(gates, lanes))


def waiting_at(gates: Sequence[RaceGate], lanes: Sequence[Project]) -> list[Project]:
    """The lanes that wait at the gate that is to be decided."""
    current = _current(gates)
    return queries.to_decide(current, lanes) if current else []


def _of(challenge: Challenge) -> tuple[Sequence[Project], Sequence[RaceGate]]:
    session = db.session
    return queries.lanes(session, challenge.id), queries.gates(session, challenge.id)


def _current(gates: Sequence[RaceGate]) -> RaceGate | None:
    return next((one for one in gates if one.state is not GateState.DECIDED), None)


def _free(lanes: Sequence[Project], gates: Sequence[RaceGate]) -> list[int]:
    running = [lane for lane in lanes if lane.state in queries.RUNNING]
    if len(running) < FEWEST:
        return []
    return sorted(shared_milestones(running) - {gate.milestone for gate in gates})


def _shown_at(lane: Project, milestone: int | None) -> MilestoneState | None:
    """Where a lane's milestone at a gate stands; None while nothing of it is reported."""
    found = (one.state for one in lane.milestones if one.position == milestone)
    return next((state for state in found if state not in TO_REPORT), None)


def _has_reported(lane: Project, milestone: int | None) -> bool:
    return any(one.position == milestone and one.state not in TO_REPORT for one in lane.milestones)


def _is_open(gate: RaceGate | None, lanes: Sequence[Project], at: datetime) -> bool:
    """Whether it can be decided now: each waiting lane has reported, or its date has come."""
    if gate is None:
        return False
    waiting = queries.to_decide(gate, lanes)
    return at >= gate.due_at or all(_has_reported(lane, gate.milestone) for lane in waiting)
