"""A race: its gate, and what becomes of each lane and its money."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, TooEarly
from portal.integrity.models import IntegrityRecord
from portal.projects.endings import service as endings
from portal.projects.funds.rules import TrancheState
from portal.projects.races import comparison, queries, service
from portal.projects.races.rules import GateState, Outcome, Verdict
from portal.projects.rules import ProjectState
from tests.factories.accounts import make_actor
from tests.factories.awards import officer_of
from tests.factories.changes import WORDS, make_gate, make_race
from tests.factories.projects import make_project

DAY = timedelta(days=1)


def test_a_gate_needs_a_race_and_thins_it_out(session: Session, now: datetime) -> None:
    lone, lanes = make_project(), make_race(2)
    officer, challenge = officer_of(lanes[0].challenge), lanes[0].challenge_id
    alone = officer_of(lone.challenge)
    session.commit()
    soon = now + DAY
    with pytest.raises(IllegalMove):
        service.set_gate(alone, lone.challenge_id, 1, soon, 1, WORDS, now)
    for milestone, survivors, due in ((1, 2, soon), (9, 1, soon), (1, 1, now)):
        with pytest.raises(Invalid):
            service.set_gate(officer, challenge, milestone, due, survivors, WORDS, now)
    with pytest.raises(NotAllowed):
        service.set_gate(make_actor(Role.AUDITOR), challenge, 1, soon, 1, WORDS, now)
    gate = service.set_gate(officer, challenge, 1, soon, 1, WORDS, now)
    with pytest.raises(IllegalMove):
        service.set_gate(officer, challenge, 2, soon, 1, WORDS, now)
    with pytest.raises(TooEarly):
        service.decide_gate(officer, gate.id, {}, now)


def test_who_stops_keeps_what_was_earned_and_no_record_is_made(
    session: Session, now: datetime
) -> None:
    first, second = make_race(2)
    gate, officer = make_gate(first), officer_of(first.challenge)
    second.milestones[0].state = "accepted"
    for tranche in second.milestones[0].tranches:
        tranche.state = TrancheState.DUE
    session.commit()
    both = {lane.id: Verdict(Outcome.GO_ON, WORDS) for lane in (first, second)}
    with pytest.raises(InvalidInput):
        service.decide_gate(officer, gate.id, both, now)
    with pytest.raises(InvalidInput):
        service.decide_gate(officer, gate.id, {first.id: Verdict(Outcome.GO_ON, WORDS)}, now)
    service.decide_gate(officer, gate.id, {**both, second.id: Verdict(Outcome.STOP, WORDS)}, now)
    for _ in range(2):
        endings.settle(second.id, now)
    session.refresh(second)
    assert (first.state, second.state) == (ProjectState.ACTIVE, ProjectState.STOPPED)
    assert {
        (one.milestone_id == second.milestones[0].id, one.state) for one in second.tranches
    } == {
        (True, TrancheState.DUE),
        (False, TrancheState.CANCELLED),
    }
    assert gate.state is GateState.DECIDED
    assert session.scalar(select(func.count(IntegrityRecord.id))) == 0
    with pytest.raises(IllegalMove):
        service.decide_gate(officer, gate.id, both, now)


def test_a_lane_on_hold_is_decided_again_and_can_merge(session: Session, now: datetime) -> None:
    first, second = make_race(2)
    gate, officer = make_gate(first), officer_of(first.challenge)
    session.commit()
    held = {first.id: Verdict(Outcome.GO_ON, WORDS), second.id: Verdict(Outcome.HOLD, WORDS)}
    service.decide_gate(officer, gate.id, held, now)
    assert (gate.state, second.state) == (GateState.HELD, ProjectState.SUSPENDED)
    for verdict in (Verdict(Outcome.GO_ON, WORDS), Verdict(Outcome.MERGE, WORDS, second.id)):
        with pytest.raises(InvalidInput):
            service.decide_gate(officer, gate.id, {second.id: verdict}, now + DAY)
    merged = {second.id: Verdict(Outcome.MERGE, WORDS, first.id)}
    service.decide_gate(officer, gate.id, merged, now + DAY)
    assert (gate.state, second.state) == (GateState.DECIDED, ProjectState.STOPPED)


def test_lanes_stand_side_by_side_at_every_indicator(session: Session) -> None:
    lanes = make_race(2)
    session.commit()
    found = queries.lanes(session, lanes[0].challenge_id)
    rows = comparison.rows(found, 1)
    assert [row.name for row in rows] == [one.name for one in lanes[0].indicators]
    names = [f"{one.code.rpartition('-')[2]} {one.lead.name}" for one in found]
    assert all([cell.lane for cell in row.cells] == names for row in rows)
