"""Reads about races: the lanes of a challenge, and its gates."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Call, Challenge
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound
from portal.projects import policy as project_policy
from portal.projects import queries as project_queries
from portal.projects.milestones.models import Milestone, MilestoneValue
from portal.projects.models import Project
from portal.projects.races.models import LaneDecision, RaceGate
from portal.projects.races.rules import GateState, Outcome
from portal.projects.rules import ProjectState

RUNNING = (ProjectState.ACTIVE, ProjectState.SUSPENDED)
MOST = 100


def lanes(session: Session, challenge_id: UUID) -> Sequence[Project]:
    """All projects of a challenge, with what tells how far each has come, by their code."""
    query = select(Project).where(Project.challenge_id == challenge_id)
    whole = project_queries.with_course(query).options(
        selectinload(Project.milestones)
        .selectinload(Milestone.values)
        .joinedload(MilestoneValue.indicator)
    )
    return session.scalars(whole.order_by(Project.code)).all()


def gates(session: Session, challenge_id: UUID) -> Sequence[RaceGate]:
    """The gates of a challenge, in order of their dates."""
    query = (
        select(RaceGate)
        .where(RaceGate.challenge_id == challenge_id)
        .options(
            selectinload(RaceGate.decisions).joinedload(LaneDecision.project),
            selectinload(RaceGate.decisions).joinedload(LaneDecision.into),
            selectinload(RaceGate.decisions).joinedload(LaneDecision.person),
        )
    )
    return session.scalars(query.order_by(RaceGate.due_at, RaceGate.id)).all()


def challenge_visible_to(session: Session, actor: Actor, code: str) -> Challenge | None:
    """A challenge whose race this person may see: whoever may see all its lanes."""
    challenge = challenge_queries.visible_by_code(session, actor, code)
    found = lanes(session, challenge.id) if challenge else ()
    seen = bool(found) and all(project_policy.may_see(actor, lane) for lane in found)
    return challenge if seen and not _is_rival(actor, found) else None


def is_race_for(session: Session, actor: Actor, challenge: Challenge) -> bool:
    """Whether a challenge has several projects that this person may see side by side."""
    if not challenge_policy.may_read_papers(actor, challenge):
        return False
    count = select(func.count()).where(Project.challenge_id == challenge.id)
    return (session.scalar(count) or 0) > 1


def _is_rival(actor: Actor, found: Sequence[Project]) -> bool:
    """Whether one is on a lane's team: lanes do not see each other's figures."""
    return any(project_policy.is_on_team(actor, lane) for lane in found)


def lock_gate(session: Session, gate_id: UUID) -> RaceGate:
    """A gate, locked until the transaction ends. Raises NotFound."""
    query = select(RaceGate).where(RaceGate.id == gate_id).with_for_update(of=RaceGate)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def code_of_gate(session: Session, gate_id: UUID) -> str | None:
    """The code of the challenge of a gate."""
    query = select(Challenge.code).join(RaceGate).where(RaceGate.id == gate_id)
    return session.scalar(query)


def latest(gate: RaceGate) -> dict[UUID, LaneDecision]:
    """The last decision of each lane at a gate."""
    return {decision.project_id: decision for decision in gate.decisions}


def to_decide(gate: RaceGate, found: Sequence[Project]) -> list[Project]:
    """The lanes that wait at a gate: all that run, or those on hold."""
    running = [lane for lane in found if lane.state in RUNNING]
    if gate.state is GateState.OPEN:
        return running
    known = latest(gate)
    held = {key for key, one in known.items() if one.outcome is Outcome.HOLD}
    return [lane for lane in running if lane.id in held and gate.state is GateState.HELD]


def going_on(gate: RaceGate) -> int:
    """How many lanes were let through a gate already."""
    return sum(one.outcome is Outcome.GO_ON for one in latest(gate).values())


def open_gates(session: Session, actor: Actor) -> Sequence[RaceGate]:
    """Gates of the actor's own office that are to be decided, the next first."""
    query = (
        select(RaceGate)
        .join(RaceGate.challenge)
        .join(Challenge.call)
        .where(
            RaceGate.state != GateState.DECIDED,
            Call.issuer_id.in_(actor.organisations_as(*OFFICERS)),
        )
        .options(joinedload(RaceGate.challenge))
    )
    return session.scalars(query.order_by(RaceGate.due_at, RaceGate.id).limit(MOST)).all()


def due_gates(session: Session, now: datetime) -> Sequence[UUID]:
    """Gates whose date has come."""
    query = select(RaceGate.id).where(RaceGate.state == GateState.OPEN, RaceGate.due_at <= now)
    return session.scalars(query.order_by(RaceGate.due_at).limit(MOST)).all()
