"""Setting the gates of a race, deciding its lanes, and calling a gate to mind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.outbox import Topic, announce
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.projects import queries as project_queries
from portal.projects.endings import suspending
from portal.projects.milestones.rules import TO_REPORT
from portal.projects.models import Project
from portal.projects.news import everybody, tell
from portal.projects.races import queries, rules
from portal.projects.races.models import LaneDecision, RaceGate
from portal.projects.races.rules import GATE_MOVES, GateState, Outcome, Verdict
from portal.projects.rules import PROJECT_MOVES, ProjectState, require_words

TOLD = {
    Outcome.GO_ON: N_("“%(title)s” goes on in the race."),
    Outcome.STOP: N_("“%(title)s” stops at the gate of the race; what it has earned is kept."),
    Outcome.HOLD: N_("“%(title)s” is on hold at the gate of the race."),
    Outcome.MERGE: N_("“%(title)s” merges into another lane; what it has earned is kept."),
}


def set_gate(
    actor: Actor,
    challenge_id: UUID,
    milestone: int,
    due_at: datetime,
    survivors: int | None,
    criteria: str,
    now: datetime,
) -> RaceGate:
    """Say when the lanes are compared, at which milestone, by what, and how many go on.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        challenge_policy.may_manage(actor, challenge).enforce()
        known = queries.gates(session, challenge_id)
        if any(gate.state is not GateState.DECIDED for gate in known):
            raise IllegalMove("A gate of this race is still to be decided.")
        lanes = [
            one for one in queries.lanes(session, challenge_id) if one.state in queries.RUNNING
        ]
        free = shared_milestones(lanes) - {gate.milestone for gate in known}
        rules.require_gate(len(lanes), survivors, milestone, free)
        if due_at <= now:
            raise Invalid("due_at", "This date must be in the future.")
        require_words("criteria", criteria)
        gate = RaceGate(
            challenge_id=challenge_id,
            milestone=milestone,
            due_at=due_at,
            survivors=survivors,
            criteria=criteria.strip(),
            set_by=actor.user_id,
            set_at=now,
        )
        session.add(gate)
        session.flush()
        facts = {"milestone": milestone, "due_at": due_at, "survivors": survivors}
        audit.record(session, actor, Action.RACE_GATE_SET, gate.subject_ref, now, **facts)
        subject = N_("A gate of the race is set in which “%(title)s” runs.")
        for lane in lanes:
            tell(session, everybody(session, lane), lane, f"gate:{gate.id}", subject)
        return gate


def shared_milestones(lanes: Sequence[Project]) -> set[int]:
    """The milestones, by position, that every lane has."""
    each = [{milestone.position for milestone in lane.milestones} for lane in lanes]
    return set.intersection(*each) if each else set()


def decide_gate(
    actor: Actor, gate_id: UUID, verdicts: Mapping[UUID, Verdict], now: datetime
) -> None:
    """Decide every lane that waits at a gate, each with its reason.

    Raises NotAllowed, IllegalMove, TooEarly, InvalidInput.
    """
    with transaction() as session:
        gate = queries.lock_gate(session, gate_id)
        challenge_policy.may_manage(actor, gate.challenge).enforce()
        GATE_MOVES.after(gate.state, "decide")
        found = queries.to_decide(gate, queries.lanes(session, gate.challenge_id))
        lanes = {lane.id: project_queries.lock(session, lane.id) for lane in _in_order(found)}
        reported = [_has_reported(lane, gate.milestone) for lane in lanes.values()]
        rules.require_comparable(reported, gate.due_at, now)
        keys = [lane.id for lane in found]
        rules.check_verdicts(keys, verdicts, gate.survivors, queries.going_on(gate))
        for key in keys:
            _decide(session, actor, gate, lanes[key], verdicts[key], now)
        gate.decided_at = now
        GATE_MOVES.move(gate, rules.action_of({key: verdicts[key] for key in keys}))
        session.flush()


def _in_order(lanes: list[Project]) -> list[Project]:
    """By id, so that two who decide at once do not wait for each other."""
    return sorted(lanes, key=lambda lane: lane.id)


def _has_reported(lane: Project, position: int) -> bool:
    return any(one.position == position and one.state not in TO_REPORT for one in lane.milestones)


def _decide(
    session: Session, actor: Actor, gate: RaceGate, lane: Project, verdict: Verdict, now: datetime
) -> None:
    outcome, reason = verdict.outcome, verdict.reason.strip()
    if outcome is None:
        raise Invalid("outcome", "Please choose.")
    into = verdict.into if outcome is Outcome.MERGE else None
    gate.decisions.append(
        LaneDecision(
            project_id=lane.id,
            outcome=outcome,
            into_id=into,
            reason=reason,
            decided_by=actor.user_id,
            decided_at=now,
        )
    )
    _take(session, actor, lane, outcome, reason, now)
    session.flush()
    facts = {"lane": lane.id, "outcome": outcome, "into": into or "", "reason": reason}
    audit.record(session, actor, Action.RACE_LANE_DECIDED, gate.subject_ref, now, **facts)
    news = f"gate:{gate.id}:{now.isoformat()}"
    tell(session, everybody(session, lane), lane, news, TOLD[outcome])


def _take(
    session: Session, actor: Actor, lane: Project, outcome: Outcome, reason: str, now: datetime
) -> None:
    """What a decision means for the project; the money follows by the event."""
    suspended = lane.state is ProjectState.SUSPENDED
    if outcome is Outcome.GO_ON and suspended:
        suspending.go_on(session, actor, lane, reason, now)
    elif outcome is Outcome.HOLD and not suspended:
        suspending.begin(session, actor, lane, reason, now)
    elif outcome in (Outcome.STOP, Outcome.MERGE):
        suspending.close(session, actor, lane, reason, now)
        PROJECT_MOVES.move(lane, "stop")
        announce(session, Topic.PROJECT_ENDED, project_id=lane.id)


def tell_of_gate(gate_id: UUID, now: datetime) -> None:
    """Tell the officers that a gate's date has come."""
    with transaction() as session:
        gate = queries.lock_gate(session, gate_id)
        if gate.state is not GateState.OPEN or now < gate.due_at:
            return
        message = Message(
            N_("The gate of the race for “%(title)s” is to be decided."),
            {"title": both(gate.challenge)},
        )
        office = challenge_queries.managers(session, gate.challenge)
        path = f"/challenges/{gate.challenge.code}/race"
        notify(session, office, f"{gate.subject_ref}:due", message, path)
