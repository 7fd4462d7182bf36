"""Recording clusters with their published facts, sources and past projects."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.clusters import policy, queries, rules
from portal.clusters.facts import ClusterFacts, SourceFacts
from portal.clusters.models import (
    Cluster,
    ClusterAgreement,
    ClusterFund,
    ClusterIssuer,
    ClusterPlatform,
    ClusterResult,
    ClusterSite,
    ClusterTerm,
    PastProject,
    Source,
)
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.words import N_

PLAIN = ("slug", "name", "name_en", "district", "years_min", "years_max")
"""What the facts and the table call by the same name."""


def record_cluster(actor: Actor, facts: ClusterFacts, now: datetime) -> Cluster:
    """Enter a cluster and all that is published about it. Raises NotAllowed, InvalidInput."""
    with transaction() as session:
        policy.may_record(actor).enforce()
        rules.check_cluster(facts)
        if queries.by_slug(session, facts.slug) is not None:
            raise Invalid("slug", N_("A cluster of this name is recorded."))
        cluster = _cluster(session, facts)
        session.add(cluster)
        session.flush()
        _add_past_projects(session, cluster, facts)
        source = facts.source.title if facts.source else ""
        ref = f"cluster:{cluster.id}"
        audit.record(
            session, actor, Action.CLUSTER_RECORDED, ref, now, slug=facts.slug, source=source
        )
    return cluster


def _cluster(session: Session, facts: ClusterFacts) -> Cluster:
    last = session.scalar(select(func.max(Cluster.position)))
    return Cluster(
        **{name: getattr(facts, name) for name in PLAIN},
        position=0 if last is None else last + 1,
        source=_source(session, facts.source),
        terms=_placed(ClusterTerm, facts.terms),
        funds=_placed(ClusterFund, facts.funds),
        platforms=_placed(ClusterPlatform, facts.platforms),
        results=_placed(ClusterResult, facts.results),
        issuers=_placed(ClusterIssuer, facts.issuers),
        sites=[ClusterSite(**vars(row)) for row in facts.sites],
        agreements=[ClusterAgreement(**vars(row)) for row in facts.agreements],
    )


def _placed(kind: type[Any], rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table that keeps the order of its source."""
    return [kind(position=position, **vars(row)) for position, row in enumerate(rows)]


def _source(session: Session, facts: SourceFacts | None) -> Source | None:
    """The publication, once, however many clusters it reports."""
    if facts is None:
        return None
    known = session.scalars(select(Source).filter_by(**vars(facts))).one_or_none()
    return known or Source(**vars(facts))


def _add_past_projects(session: Session, cluster: Cluster, facts: ClusterFacts) -> None:
    for row in _placed(PastProject, facts.past_projects):
        row.cluster, row.source = cluster, cluster.source
        session.add(row)
