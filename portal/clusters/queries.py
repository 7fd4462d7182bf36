"""Reads of clusters and of what is published about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.clusters.models import Cluster, ClusterTerm, PastProject
from portal.clusters.rules import PROGRAMME_KINDS, TermKind

PAGE = 20
"""Rows on a page; a query asks for one more, to know whether there is another page."""


@dataclass(frozen=True)
class TermList:
    """One list of words of a cluster, in its order."""

    kind: TermKind
    terms: list[ClusterTerm]


def listed(session: Session, after: int = -1, limit: int = PAGE + 1) -> Sequence[Cluster]:
    """Clusters with their lists of words and their source, in order, from behind a position."""
    return session.scalars(
        select(Cluster)
        .where(Cluster.position > after)
        .options(joinedload(Cluster.source), selectinload(Cluster.terms))
        .order_by(Cluster.position, Cluster.id)
        .limit(limit)
    ).all()


def by_slug(session: Session, slug: str) -> Cluster | None:
    """One cluster with everything that is published about it."""
    return session.scalars(
        select(Cluster)
        .where(Cluster.slug == slug)
        .options(
            joinedload(Cluster.source),
            selectinload(Cluster.terms),
            selectinload(Cluster.funds),
            selectinload(Cluster.platforms),
            selectinload(Cluster.results),
            selectinload(Cluster.sites),
            selectinload(Cluster.agreements),
            selectinload(Cluster.issuers),
        )
    ).one_or_none()


def past_projects(
    session: Session, cluster_id: UUID, after: int = -1, limit: int = PAGE + 1
) -> Sequence[PastProject]:
    """The projects reported before the portal, in the order of their source, from behind a place."""
    return session.scalars(
        select(PastProject)
        .where(PastProject.cluster_id == cluster_id, PastProject.position > after)
        .options(joinedload(PastProject.source))
        .order_by(PastProject.position)
        .limit(limit)
    ).all()


def term_lists(cluster: Cluster, programme: bool = False) -> list[TermList]:
    """A cluster's lists in the order of their kinds; `programme` picks those on what comes next."""
    kinds = [kind for kind in TermKind if (kind in PROGRAMME_KINDS) is programme]
    lists = [TermList(kind, [t for t in cluster.terms if t.kind is kind]) for kind in kinds]
    return [one for one in lists if one.terms]
