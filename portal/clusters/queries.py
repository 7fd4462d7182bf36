"""Reads of clusters."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clusters.models import Cluster


def by_slug(session: Session, slug: str) -> Cluster | None:
    """The cluster with this short name."""
    return session.scalars(select(Cluster).where(Cluster.slug == slug)).one_or_none()
