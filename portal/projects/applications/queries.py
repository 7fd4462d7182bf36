"""Reads about applications on their sites."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.projects import policy
from portal.projects.applications.models import Application, Photo
from portal.projects.models import Project
from portal.projects.queries import lock
from portal.projects.rules import ProjectState


def of_project(session: Session, project_id: UUID) -> Application | None:
    """The record of a project, with its figures and pictures."""
    query = select(Application).where(Application.project_id == project_id)
    query = query.options(
        selectinload(Application.effects),
        selectinload(Application.photos).joinedload(Photo.file),
    )
    return session.scalars(query).one_or_none()


def lock_by_photo(session: Session, photo_id: UUID) -> tuple[Project, Photo]:
    """A picture with its project, which is locked. Raises NotFound."""
    query = select(Application.project_id).join(Photo).where(Photo.id == photo_id)
    project_id = session.scalar(query)
    if project_id is None:
        raise NotFound
    return lock(session, project_id), session.get_one(Photo, photo_id)


def code_by_photo(session: Session, photo_id: UUID) -> str | None:
    """The code of the project to whose record a picture belongs."""
    query = select(Project.code).join(Application).join(Photo).where(Photo.id == photo_id)
    return session.scalar(query)


def picture_visible_to(session: Session, actor: Actor | None, photo_id: UUID) -> StoredFile | None:
    """A picture: of an accepted project for everybody, of another for those who see the project."""
    query = select(Photo, Project).join(Application, Application.id == Photo.application_id)
    query = query.join(Project, Project.id == Application.project_id).where(Photo.id == photo_id)
    row = session.execute(query.options(joinedload(Photo.file))).one_or_none()
    if row is None:
        return None
    photo, project = row
    public = project.state is ProjectState.ACCEPTED
    sees = public or (actor is not None and bool(policy.may_see(actor, project)))
    return photo.file if sees else None
