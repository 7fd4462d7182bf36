"""Recording a cluster: once, by those who may, with everything that belongs to it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.clusters import policy, queries
from portal.clusters.facts import AgreementFacts, IssuerFacts, PlatformFacts, SiteFacts, TermFacts
from portal.clusters.models import Cluster, Source
from portal.clusters.rules import TermKind
from portal.clusters.service import record_cluster
from portal.core.access import Role
from portal.core.errors import Invalid, InvalidInput, NotAllowed
from tests.clusters.test_rules import FUND, GOOD, PAST
from tests.factories.accounts import make_actor
from tests.refusal import refused

FULL = replace(
    GOOD,
    terms=(TermFacts(TermKind.FACTOR, "人才"), TermFacts(TermKind.PRINCIPLE, "场景应用", "牵引")),
    funds=(FUND,),
    platforms=(PlatformFacts("平台", registered_companies=55, links=["人才"]),),
    sites=(SiteFacts("首钢园", occupancy_percent=87),),
    agreements=(AgreementFacts("协议", 2020, ["甲", "乙"]),),
    issuers=(IssuerFacts("石景山区人民政府", "district"),),
    past_projects=(PAST,),
)


def count(session: Session, kind: type) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def test_a_cluster_is_recorded_once_by_those_who_may(session: Session, now: datetime) -> None:
    officer = make_actor(Role.CITY_OFFICER)
    for role in Role:
        actor = make_actor(role)
        allowed = role in (Role.CITY_OFFICER, Role.ADMINISTRATOR)
        assert bool(policy.may_record(actor)) == allowed
        if not allowed:
            refused(NotAllowed, record_cluster, actor, FULL, now)
    refused(InvalidInput, record_cluster, officer, replace(FULL, name=""), now)
    assert count(session, Cluster) == 0
    made = record_cluster(officer, FULL, now)
    refused(Invalid, record_cluster, officer, FULL, now)
    entries = session.scalars(select(Entry)).all()
    assert [entry.kind for entry in entries] == [Action.CLUSTER_RECORDED.value]
    assert entries[0].subject_ref == f"cluster:{made.id}"
    session.expire_all()
    found = queries.by_slug(session, FULL.slug)
    assert found is not None
    assert [(t.kind, t.text, t.note) for t in found.terms] == [
        (TermKind.FACTOR, "人才", ""),
        (TermKind.PRINCIPLE, "场景应用", "牵引"),
    ]
    assert (found.funds[0].amount, found.platforms[0].links) == (50_000_000, ["人才"])
    assert (found.sites[0].occupancy_percent, found.agreements[0].parties) == (87, ["甲", "乙"])
    assert found.issuers[0].level == "district"
    past = queries.past_projects(session, found.id)
    assert [(row.title, row.source.title) for row in past] == [("项目", "报道")]


def test_one_publication_is_one_source_however_many_clusters_it_reports(
    session: Session, now: datetime
) -> None:
    officer = make_actor(Role.CITY_OFFICER)
    for place in range(3):
        record_cluster(officer, replace(GOOD, slug=f"c{place}", name=f"项目群{place}"), now)
    assert count(session, Source) == 1
    listed = queries.listed(session)
    assert [cluster.slug for cluster in listed] == ["c0", "c1", "c2"]
    assert [c.slug for c in queries.listed(session, after=listed[0].position)] == ["c1", "c2"]
