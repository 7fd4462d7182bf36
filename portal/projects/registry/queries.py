"""Reads about the public registry."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from portal.clusters.models import PastProject
from portal.projects.models import Project
from portal.projects.registry.models import RegistryEntry


def registry_numbers(session: Session, challenge_id: UUID) -> Sequence[int]:
    """The registry's numbers of a challenge's accepted projects."""
    query = select(RegistryEntry.number).join(Project).where(Project.challenge_id == challenge_id)
    return session.scalars(query.order_by(RegistryEntry.number)).all()


def entry_of(session: Session, project_id: UUID) -> RegistryEntry | None:
    """The registry's entry of a project."""
    return session.scalars(
        select(RegistryEntry).where(RegistryEntry.project_id == project_id)
    ).one_or_none()


def next_registry_number(session: Session) -> int:
    """The number after the last; the caller holds the registry's lock."""
    return (session.scalar(select(func.max(RegistryEntry.number))) or 0) + 1


def registry(session: Session, before: int | None, limit: int) -> Sequence[RegistryEntry]:
    """The registry's entries, newest first, a page at a time, from before a number."""
    query = select(RegistryEntry).order_by(RegistryEntry.number.desc()).limit(limit)
    if before is not None:
        query = query.where(RegistryEntry.number < before)
    return session.scalars(query).all()


def registry_entry(session: Session, number: int) -> RegistryEntry | None:
    """One entry of the registry."""
    return session.scalars(
        select(RegistryEntry).where(RegistryEntry.number == number)
    ).one_or_none()


def _past() -> Select[Any]:
    return select(PastProject).options(
        joinedload(PastProject.source), joinedload(PastProject.cluster)
    )


def past_projects(session: Session, after: str, limit: int) -> Sequence[PastProject]:
    """Projects that sources report from before the portal, a page at a time, from behind a slug."""
    query = _past().where(PastProject.slug > after).order_by(PastProject.slug).limit(limit)
    return session.scalars(query).all()


def past_project(session: Session, slug: str) -> PastProject | None:
    """One project that a source reports from before the portal."""
    found: PastProject | None = session.scalars(
        _past().where(PastProject.slug == slug)
    ).one_or_none()
    return found
