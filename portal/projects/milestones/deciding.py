"""What officers decide about a milestone: accepted, to be reworked, failed, and how it goes on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.outbox import Topic, announce
from portal.core.words import N_
from portal.projects import policy
from portal.projects import rules as project_rules
from portal.projects.milestones import queries, rules
from portal.projects.milestones.models import Milestone
from portal.projects.milestones.rules import MILESTONE_MOVES
from portal.projects.models import Project
from portal.projects.news import tell


def accept_milestone(actor: Actor, milestone_id: UUID, answer: str, now: datetime) -> None:
    """Accept what was reported; its tranches become due. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        project, milestone = _to_decide(session, actor, milestone_id, "accept", now)
        rules.require_acceptable(queries.states_before(project, milestone))
        MILESTONE_MOVES.move(milestone, "accept")
        milestone.answer, milestone.accepted_at = answer.strip(), now
        ref = milestone.subject_ref
        audit.record(session, actor, Action.MILESTONE_ACCEPTED, ref, now, answer=answer.strip())
        announce(session, Topic.MILESTONE_ACCEPTED, milestone_id=milestone.id)
        subject = N_("A milestone of “%(title)s” was accepted: %(milestone)s.")
        _tell_team(session, project, milestone, "accepted", subject)


def ask_for_rework(
    actor: Actor, milestone_id: UUID, answer: str, until: datetime | None, now: datetime
) -> None:
    """Give a milestone back, once, to be put right by a date within three months.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, milestone = _to_decide(session, actor, milestone_id, "rework", now)
        project_rules.require_words("answer", answer)
        rules.require_rework(milestone.rework_until is not None, until, now)
        milestone.rework_until, milestone.answer = until, answer.strip()
        MILESTONE_MOVES.move(milestone, "rework")
        facts = {"reason": answer.strip(), "until": until}
        audit.record(session, actor, Action.MILESTONE_RETURNED, milestone.subject_ref, now, **facts)
        subject = N_("A milestone of “%(title)s” is to be reworked: %(milestone)s.")
        _tell_team(session, project, milestone, "returned", subject)


def fail_milestone(actor: Actor, milestone_id: UUID, answer: str, now: datetime) -> None:
    """Let a milestone fail; its tranches are blocked. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, milestone = _to_decide(session, actor, milestone_id, "fail", now)
        project_rules.require_words("answer", answer)
        rules.require_overdue(milestone.state, milestone.wanted_by, now)
        MILESTONE_MOVES.move(milestone, "fail")
        milestone.answer, milestone.failed_at = answer.strip(), now
        ref = milestone.subject_ref
        audit.record(session, actor, Action.MILESTONE_FAILED, ref, now, reason=answer.strip())
        announce(session, Topic.MILESTONE_FAILED, milestone_id=milestone.id)
        subject = N_("A milestone of “%(title)s” has failed: %(milestone)s.")
        _tell_team(session, project, milestone, "failed", subject)


def pass_over_milestone(actor: Actor, milestone_id: UUID, answer: str, now: datetime) -> None:
    """Let the project go on without a failed milestone; its tranches stay blocked.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, milestone = _to_decide(session, actor, milestone_id, "pass_over", now)
        project_rules.require_words("answer", answer)
        MILESTONE_MOVES.move(milestone, "pass_over")
        milestone.answer = answer.strip()
        ref = milestone.subject_ref
        audit.record(session, actor, Action.MILESTONE_PASSED_OVER, ref, now, reason=answer.strip())
        subject = N_("“%(title)s” goes on without the milestone %(milestone)s.")
        _tell_team(session, project, milestone, "passed_over", subject)


def _to_decide(
    session: Session, actor: Actor, milestone_id: UUID, act: str, now: datetime
) -> tuple[Project, Milestone]:
    """The milestone of a running project, locked, that may be decided about now."""
    project, milestone = queries.lock_by_milestone(session, milestone_id)
    policy.may_manage(actor, project).enforce()
    project_rules.require_running(project.state)
    MILESTONE_MOVES.after(milestone.state, act)
    rules.require_heard([(one.state, one.due_at) for one in milestone.opinions], now)
    return project, milestone


def _tell_team(
    session: Session, project: Project, milestone: Milestone, news: str, subject: str
) -> None:
    """Each of these happens once to a milestone."""
    team = bid_queries.team_people(session, project.bid)
    key = f"{news}:{milestone.subject_ref}"
    tell(session, team, project, key, subject, milestone=milestone.title)
