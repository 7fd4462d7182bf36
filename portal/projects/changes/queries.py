"""Reads about changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.challenges.models import Call, Challenge
from portal.clusters.models import Cluster
from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.projects import queries as project_queries
from portal.projects.changes import policy
from portal.projects.changes.models import Change, ChangePaper
from portal.projects.changes.rules import ANSWER_DAYS, ChangeKind, ChangeState
from portal.projects.models import Project
from portal.reviews.pool.models import Reviewer

MOST = 100


def _whole(query: Select[Change]) -> Select[Change]:
    return query.options(
        selectinload(Change.answers),
        selectinload(Change.papers).joinedload(ChangePaper.file),
        joinedload(Change.expert),
        joinedload(Change.project)
        .joinedload(Project.challenge)
        .joinedload(Challenge.call)
        .joinedload(Call.cluster),
    )


def lock_by_change(session: Session, change_id: UUID) -> tuple[Project, Change]:
    """A change with its project, which is locked. Raises NotFound."""
    project_id = session.scalar(select(Change.project_id).where(Change.id == change_id))
    if project_id is None:
        raise NotFound
    project = project_queries.lock(session, project_id)
    query = _whole(select(Change).where(Change.id == change_id))
    return project, session.scalars(query.execution_options(populate_existing=True)).one()


def visible_to(session: Session, actor: Actor, change_id: UUID) -> Change | None:
    """A change, for those who may see it."""
    found = session.scalars(_whole(select(Change).where(Change.id == change_id))).one_or_none()
    return found if found and policy.may_see(actor, found) else None


def project_visible_to(session: Session, actor: Actor, code: str) -> Project | None:
    """A project, for those who may see what is changed in it."""
    query = project_queries.with_course(select(Project).where(Project.code == code))
    found = session.scalars(query).one_or_none()
    return found if found and policy.may_see_changes(actor, found) else None


def of_project(session: Session, project_id: UUID) -> Sequence[Change]:
    """The changes of a project, the newest first."""
    query = _whole(select(Change).where(Change.project_id == project_id))
    return session.scalars(query.order_by(Change.number.desc()).limit(MOST)).all()


def next_number(session: Session, project_id: UUID) -> int:
    """The number of the next request; the project is locked."""
    last = select(func.max(Change.number)).where(Change.project_id == project_id)
    return (session.scalar(last) or 0) + 1


def granted(session: Session, project_id: UUID, kind: ChangeKind) -> Change | None:
    """The last change of a kind that came into force."""
    query = select(Change).where(
        Change.project_id == project_id, Change.kind == kind, Change.state == ChangeState.GRANTED
    )
    return session.scalars(query.order_by(Change.number.desc()).limit(1)).first()


def is_waiting(session: Session, project_id: UUID, kind: ChangeKind) -> bool:
    """Whether a request of the kind waits already."""
    query = select(Change.id).where(
        Change.project_id == project_id, Change.kind == kind, Change.state == ChangeState.REQUESTED
    )
    return session.scalar(query) is not None


def paper(session: Session, actor: Actor, change_id: UUID, file_id: UUID) -> StoredFile:
    """A file of a request, for those who may see it. Raises NotFound."""
    change = visible_to(session, actor, change_id)
    found = [one.file for one in change.papers if one.file_id == file_id] if change else []
    if not found:
        raise NotFound
    return found[0]


def waiting(session: Session, actor: Actor) -> Sequence[Change]:
    """Requests that wait for somebody, of projects that concern the actor, the oldest first."""
    asked = select(Reviewer.id).where(Reviewer.person_id == actor.user_id)
    query = (
        _whole(select(Change))
        .join(Change.project)
        .join(Project.challenge)
        .join(Challenge.call)
        .join(Call.cluster)
        .where(
            Change.state == ChangeState.REQUESTED,
            or_(
                project_queries.of_actor(actor),
                Cluster.district.in_(actor.districts),
                Change.expert_id.in_(asked),
            ),
        )
    )
    return session.scalars(query.order_by(Change.requested_at, Change.id).limit(MOST)).all()


def to_remind(session: Session, now: datetime) -> Sequence[UUID]:
    """Requests that have waited too long."""
    query = select(Change.id).where(
        Change.state == ChangeState.REQUESTED,
        Change.requested_at <= now - timedelta(days=ANSWER_DAYS),
    )
    return session.scalars(query.order_by(Change.requested_at).limit(MOST)).all()
