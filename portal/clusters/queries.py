"""Reads of clusters and of what is published about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.clusters.models import Cluster, ClusterTerm, PastProject
from portal.clusters.rules import PROGRAMME_KINDS, TermKind


@dataclass(frozen=True)
class TermList:
    """One list of words of a cluster, in its order."""

    kind: TermKind
    terms: list[ClusterTerm]


def all_clusters(session: Session) -> Sequence[Cluster]:
    """Every cluster with its lists of words and its source, in order."""
    return session.scalars(
        select(Cluster)
        .options(joinedload(Cluster.source), selectinload(Cluster.terms))
        .order_by(Cluster.position)
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


def past_projects(session: Session, cluster_id: UUID) -> Sequence[PastProject]:
    """The projects reported before the portal, in the order of their source."""
    return session.scalars(
        select(PastProject)
        .where(PastProject.cluster_id == cluster_id)
        .options(joinedload(PastProject.source))
        .order_by(PastProject.position)
    ).all()


def term_lists(cluster: Cluster, programme: bool = False) -> list[TermList]:
    """A cluster's lists in the order of their kinds; `programme` picks those on what comes next."""
    kinds = [kind for kind in TermKind if (kind in PROGRAMME_KINDS) is programme]
    lists = [TermList(kind, [t for t in cluster.terms if t.kind is kind]) for kind in kinds]
    return [one for one in lists if one.terms]
