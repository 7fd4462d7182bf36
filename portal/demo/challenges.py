"""The demonstration's clusters, calls and challenges, written by an officer through the services."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.accounts import queries as accounts
from portal.challenges import queries, service
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import DEFAULT_RUBRIC, IssuerType, Operator
from portal.challenges.service import CallFacts, ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.clusters import queries as clusters
from portal.clusters.service import ClusterFacts, record_cluster
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.money import FundSource, yuan
from portal.core.workdays import PLACE

OFFICER = "city@jiebang.example"


def load_clusters(loader: Actor, rows: list[dict[str, Any]]) -> Iterator[None]:
    """Enter the clusters that are not there."""
    for position, facts in enumerate(rows):
        if clusters.by_slug(db.session, facts["slug"]) is None:
            made = ClusterFacts(position=position, **facts)
            record_cluster(loader, made, clock.now(db.session))
        yield


def load_challenges(rows: list[dict[str, Any]]) -> Iterator[None]:
    """Write and publish the challenges that are not there."""
    officer = accounts.actor_by_email(db.session, OFFICER)
    assert officer is not None, "people are loaded first"  # noqa: S101 - a fault of the data files
    for facts in rows:
        call = _call(officer, facts["call"])
        known = select(Challenge.id).where(Challenge.title == facts["title"])
        if db.session.scalars(known).first() is None:
            now = clock.now(db.session)
            made = service.draft(officer, call.id, _facts(facts, now), now)
            service.publish(officer, made.id, clock.now(db.session))
        yield


def _call(officer: Actor, facts: dict[str, Any]) -> Call:
    known = queries.call_numbered(db.session, facts["number"])
    if known is not None:
        return known
    cluster = clusters.by_slug(db.session, facts["cluster"])
    assert cluster is not None, "clusters are loaded first"  # noqa: S101 - a fault of the data files
    issuer = officer.memberships[0].organisation_id
    made = CallFacts(cluster.id, issuer, facts["number"], facts["title"], facts["year"])
    return service.create_call(officer, made, clock.now(db.session))


def _facts(facts: dict[str, Any], now: datetime) -> ChallengeFacts:
    day = now.astimezone(PLACE).date() + timedelta(days=facts["days"])
    return ChallengeFacts(
        title=facts["title"],
        title_en=facts["title_en"],
        summary=facts["summary"],
        summary_en=facts["summary_en"],
        background=facts["background"],
        content=facts["content"],
        issuer_type=IssuerType.GOVERNMENT,
        scenario_site=facts["site"],
        scenario_owner=facts["owner"],
        scenario_use=facts["use"],
        scenario_access="",
        months=facts["months"],
        closes_at=datetime.combine(day, time(17), PLACE),
        indicators=tuple(_indicator(row) for row in facts["indicators"]),
        funds={source: yuan(Decimal(facts["funds"][source.value])) for source in FundSource},
        criteria=tuple(CriterionFacts(line.name, line.weight) for line in DEFAULT_RUBRIC),
    )


def _indicator(row: dict[str, Any]) -> IndicatorFacts:
    value = Decimal(str(row["value"]))
    operator = Operator(row["operator"])
    return IndicatorFacts(row["name"], operator, value, None, row["unit"], row["test"], True)
