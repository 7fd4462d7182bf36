"""Who sees the board of a cluster."""

from portal.clusters.models import Cluster
from portal.core.access import Actor, Decision, Role, allow_if
from portal.core.words import N_

READERS = frozenset({Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.AUDITOR})


def sees_all(actor: Actor) -> bool:
    """Whether the person sees the boards of every cluster."""
    return actor.has(Role.CITY_OFFICER, Role.AUDITOR)


def may_compare(actor: Actor) -> Decision:
    """Officers and auditors; whose clusters they see is for the query."""
    return allow_if(actor.has(*READERS), N_("Only officers and auditors see the boards."))


def may_see(actor: Actor, cluster: Cluster) -> Decision:
    """City officers and auditors see every cluster, district officers those of their district."""
    allowed = sees_all(actor) or cluster.district in actor.districts
    return allow_if(allowed, N_("This board is not open to you."))
