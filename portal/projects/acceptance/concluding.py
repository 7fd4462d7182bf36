"""How an acceptance ends: passed with a certificate, to be improved once, or failed; what goes back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import Actor
from portal.core.crypto import canonical, sha256
from portal.core.db import Json, transaction
from portal.core.errors import IllegalMove, Invalid, NotFound
from portal.core.outbox import Topic, announce
from portal.core.words import N_
from portal.projects import policy
from portal.projects import rules as project_rules
from portal.projects.acceptance import queries, rules
from portal.projects.acceptance.models import Acceptance
from portal.projects.acceptance.rules import ACCEPTANCE_MOVES, AcceptanceState, Conclusion
from portal.projects.followups.planning import plan
from portal.projects.models import Project
from portal.projects.news import everybody, tell
from portal.projects.registry.reading import indicator_row
from portal.projects.rules import PROJECT_MOVES


def pass_project(
    actor: Actor, acceptance_id: UUID, conclusion: str, effect: str, now: datetime
) -> None:
    """Accept a project that has shown what was asked. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        ready = _require(actor, project, acceptance, Conclusion.PASS)
        rules.require_ready(ready)
        project_rules.require_words("conclusion", conclusion)
        project_rules.require_words("effect", effect)
        PROJECT_MOVES.move(project, "accept")
        project.conclusion, project.effect = conclusion.strip(), effect.strip()
        project.accepted_at = now
        told = _certificate(project, acceptance)
        _close(acceptance, actor, "pass", conclusion, now)
        acceptance.certificate, acceptance.fingerprint = told, sha256(canonical(told))
        plan(session, project, now)
        facts = {"missed_promises": ready.missed_promises, "certificate": acceptance.fingerprint}
        ref = project.subject_ref
        audit.record(session, actor, Action.PROJECT_ACCEPTED, ref, now, **facts)
        announce(session, Topic.PROJECT_ACCEPTED, project_id=project.id)
        subject = N_("The project “%(title)s” was accepted.")
        tell(session, everybody(session, project), project, "accepted", subject)


def ask_rework(
    actor: Actor,
    acceptance_id: UUID,
    conclusion: str,
    consequences: str,
    again_by: datetime,
    now: datetime,
) -> None:
    """Let the team improve, once, until a date at most two months ahead.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        _require(actor, project, acceptance, Conclusion.REWORK)
        project_rules.require_words("conclusion", conclusion)
        project_rules.require_words("consequences", consequences)
        if not now < again_by <= rules.latest_rework(now):
            raise Invalid("again_by", "A date ahead, at most two months from now.")
        _close(acceptance, actor, "rework", conclusion, now)
        acceptance.consequences, acceptance.again_by = consequences.strip(), again_by
        facts = {"again_by": again_by, "consequences": acceptance.consequences}
        ref = acceptance.subject_ref
        audit.record(session, actor, Action.ACCEPTANCE_REWORK, ref, now, **facts)
        subject = N_("“%(title)s” has to be improved and is examined once more.")
        tell(session, everybody(session, project), project, f"rework:{acceptance.id}", subject)


def fail_project(
    actor: Actor, acceptance_id: UUID, conclusion: str, consequences: str, now: datetime
) -> None:
    """Say that a project has not passed, and what follows; also when nothing came in time.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
        if acceptance.state is AcceptanceState.REWORK:
            _require_lapsed(actor, project, acceptance, now)
        else:
            _require(actor, project, acceptance, Conclusion.FAIL)
        project_rules.require_words("conclusion", conclusion)
        project_rules.require_words("consequences", consequences)
        PROJECT_MOVES.move(project, "fail")
        project.conclusion = conclusion.strip()
        _close(acceptance, actor, "fail", conclusion, now)
        acceptance.consequences = consequences.strip()
        ref, facts = project.subject_ref, {"consequences": acceptance.consequences}
        audit.record(session, actor, Action.PROJECT_FAILED, ref, now, **facts)
        announce(session, Topic.PROJECT_FAILED, project_id=project.id)
        subject = N_("The acceptance of “%(title)s” has failed.")
        tell(session, everybody(session, project), project, "failed", subject)


def _require(
    actor: Actor, project: Project, acceptance: Acceptance, conclusion: Conclusion
) -> rules.Readiness:
    policy.may_manage(actor, project).enforce()
    project_rules.require_running(project.state)
    ACCEPTANCE_MOVES.after(acceptance.state, conclusion.value)
    recorded = project.application is not None
    rules.require_conclusion(conclusion, acceptance.joint, acceptance.attempt, recorded)
    return queries.readiness_of(project)


def _require_lapsed(actor: Actor, project: Project, acceptance: Acceptance, now: datetime) -> None:
    policy.may_manage(actor, project).enforce()
    last = project.acceptance is acceptance
    if not last or acceptance.again_by is None or now <= acceptance.again_by:
        raise IllegalMove("The team may still improve and request the second examination.")


def _close(
    acceptance: Acceptance, actor: Actor, action: str, conclusion: str, now: datetime
) -> None:
    ACCEPTANCE_MOVES.move(acceptance, action)
    acceptance.conclusion = conclusion.strip()
    acceptance.concluded_at, acceptance.concluded_by = now, actor.user_id


def _certificate(project: Project, acceptance: Acceptance) -> Json:
    """What the certificate tells, as plain JSON; the project is accepted already."""
    challenge = project.challenge
    return {
        "code": project.code,
        "title": project.title,
        "challenge": f"{challenge.code} {challenge.title}",
        "issuer": challenge.call.issuer.name,
        "lead": project.lead.name,
        "partners": list(project.partners),
        "started_at": project.started_at.isoformat(),
        "accepted_at": project.accepted_at.isoformat() if project.accepted_at else "",
        "attempt": acceptance.attempt,
        "tester": acceptance.tester,
        "joint": acceptance.joint_words,
        "conclusion": project.conclusion,
        "effect": project.effect,
        "indicators": [_told(row) for row in project.indicators],
        "money": [
            {
                "source": line.source.value,
                "planned": str(line.planned),
                "received": str(line.received),
                "spent": str(line.spent),
                "left": str(line.left),
            }
            for line in acceptance.lines
        ],
        "experts": [_expert(one) for one in acceptance.sitting],
    }


def _told(row: Any) -> Json:
    shown = indicator_row(row)
    return {
        "name": shown.name,
        "unit": shown.unit,
        "asked": shown.asked,
        "promised": shown.promised,
        "measured": shown.measured,
        "verdict": row.verdict.value if row.verdict else "",
        "tester": row.tester,
        "tested_on": row.tested_on.isoformat() if row.tested_on else "",
    }


def _expert(one: Any) -> Json:
    reviewer = one.reviewer
    return {
        "name": reviewer.person.name,
        "organisation": reviewer.organisation.name,
        "chair": one.is_chair,
    }


def record_surplus(actor: Actor, line_id: UUID, voucher: str, now: datetime) -> None:
    """Keep that surplus public money went back. Raises NotAllowed, IllegalMove, Invalid, NotFound."""
    with transaction() as session:
        project, acceptance, line = _lock_line(session, line_id)
        policy.may_manage(actor, project).enforce()
        if acceptance.concluded_at is None or not line.goes_back or line.voucher:
            raise IllegalMove("Nothing of this source has to go back.")
        if not voucher.strip():
            raise Invalid("voucher", "Please fill this in.")
        line.voucher, line.returned_at = voucher.strip(), now
        facts = {"source": line.source, "amount": line.goes_back, "voucher": line.voucher}
        ref = acceptance.subject_ref
        audit.record(session, actor, Action.SURPLUS_RETURNED, ref, now, **facts)


def _lock_line(session: Session, line_id: UUID) -> tuple[Project, Acceptance, Any]:
    acceptance_id = queries.acceptance_of_line(session, line_id)
    if acceptance_id is None:
        raise NotFound
    project, acceptance = queries.lock_by_acceptance(session, acceptance_id)
    return project, acceptance, next(one for one in acceptance.lines if one.id == line_id)
