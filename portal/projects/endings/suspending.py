"""Suspending a project and letting it go on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.words import N_
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects.endings import queries
from portal.projects.endings.models import Suspension
from portal.projects.models import Project
from portal.projects.news import everybody, tell
from portal.projects.rules import PROJECT_MOVES, require_words


def suspend(actor: Actor, project_id: UUID, reason: str, now: datetime) -> None:
    """Nothing is done or paid until it goes on. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_manage(actor, project).enforce()
        PROJECT_MOVES.after(project.state, "suspend")
        require_words("reason", reason)
        begin(session, actor, project, reason, now)


def begin(session: Session, actor: Actor, project: Project, reason: str, now: datetime) -> None:
    """Suspend a locked project within the caller's transaction. Raises IllegalMove."""
    PROJECT_MOVES.move(project, "suspend")
    row = Suspension(
        project_id=project.id, reason=reason.strip(), begun_by=actor.user_id, begun_at=now
    )
    session.add(row)
    session.flush()
    ref = project.subject_ref
    audit.record(session, actor, Action.PROJECT_SUSPENDED, ref, now, reason=row.reason)
    subject = N_("The project “%(title)s” is suspended.")
    tell(session, everybody(session, project), project, f"suspended:{row.id}", subject)


def resume(actor: Actor, project_id: UUID, answer: str, now: datetime) -> None:
    """Let a suspended project go on. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_manage(actor, project).enforce()
        PROJECT_MOVES.after(project.state, "resume")
        require_words("answer", answer)
        go_on(session, actor, project, answer, now)


def go_on(session: Session, actor: Actor, project: Project, answer: str, now: datetime) -> None:
    """Let a locked project go on within the caller's transaction. Raises IllegalMove."""
    PROJECT_MOVES.move(project, "resume")
    close(session, actor, project, answer, now)
    ref = project.subject_ref
    audit.record(session, actor, Action.PROJECT_RESUMED, ref, now, reason=answer.strip())
    subject = N_("The project “%(title)s” goes on.")
    news = f"resumed:{now.isoformat()}"
    tell(session, everybody(session, project), project, news, subject)


def close(session: Session, actor: Actor, project: Project, answer: str, now: datetime) -> None:
    """The suspension that lasts, if there is one, is over."""
    lasting = queries.open_suspension(session, project.id)
    if lasting is not None:
        lasting.answer, lasting.ended_by, lasting.ended_at = answer.strip(), actor.user_id, now
        session.flush()
