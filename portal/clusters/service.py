"""Recording clusters."""

from dataclasses import dataclass
from datetime import datetime

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.clusters.models import Cluster
from portal.core.access import Actor
from portal.core.db import transaction


@dataclass(frozen=True)
class ClusterFacts:
    """What a cluster is called and where it is; support lasts 3 to 5 years."""

    slug: str
    name: str
    name_en: str
    district: str
    position: int


def record_cluster(actor: Actor, facts: ClusterFacts, now: datetime) -> Cluster:
    """Enter a cluster."""
    with transaction() as session:
        cluster = Cluster(years_min=3, years_max=5, **vars(facts))
        session.add(cluster)
        session.flush()
        audit.record(session, actor, Action.CLUSTER_RECORDED, f"cluster:{cluster.id}", now)
    return cluster
