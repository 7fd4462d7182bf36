"""The demonstration's calls and challenges, written by their officers through the services."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.accounts import queries as accounts
from portal.challenges import queries, service
from portal.challenges.models import Challenge
from portal.challenges.rules import DEFAULT_RUBRIC, IssuerType, Operator, Settings
from portal.challenges.service import CallFacts, ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.clusters import queries as clusters
from portal.core import clock
from portal.core.access import OFFICERS, Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.money import FundSource, yuan
from portal.core.workdays import PLACE

CLOSING_TIME = time(17)


def load_challenges(file: dict[str, Any]) -> Iterator[str]:
    """Prepare the calls, write and publish the challenges that are not there; yields each title."""
    calls = {row["number"]: row for row in file["calls"]}
    for row in file["calls"]:
        _call(row)
        yield row["title"]
    for row in file["challenges"]:
        known = select(Challenge.id).where(Challenge.title_en == row["title_en"])
        if db.session.scalars(known).first() is None:
            _challenge(row, _officer(calls[row["call"]]))
        yield row["title"]


def _officer(call: dict[str, Any]) -> Actor:
    """Who writes for a call. Raises NotFound when the data files contradict each other."""
    officer = accounts.actor_by_email(db.session, call["officer"])
    if officer is None:
        raise NotFound
    return officer


def _call(row: dict[str, Any]) -> None:
    if queries.call_numbered(db.session, row["number"]):
        return
    officer, cluster = _officer(row), clusters.by_slug(db.session, row["cluster"])
    if cluster is None:
        raise NotFound
    issuer = min(officer.organisations_as(*OFFICERS))
    settings = Settings.from_json(row.get("settings", {}))
    made = CallFacts(cluster.id, issuer, row["number"], row["title"], row["year"], settings)
    service.create_call(officer, made, clock.now(db.session))


def _challenge(row: dict[str, Any], officer: Actor) -> None:
    call = queries.call_numbered(db.session, row["call"])
    if call is None:
        raise NotFound
    now = clock.now(db.session)
    made = service.draft(officer, call.id, _facts(row, now), now)
    service.publish(officer, made.id, clock.now(db.session))


def _facts(row: dict[str, Any], now: datetime) -> ChallengeFacts:
    day = now.astimezone(PLACE).date() + timedelta(days=row["days"])
    same = ("title", "title_en", "summary", "summary_en", "background", "content", "months")
    return ChallengeFacts(
        **{name: row[name] for name in same},
        issuer_type=IssuerType.GOVERNMENT,
        scenario_site=row["site"],
        scenario_owner=row["owner"],
        scenario_use=row["use"],
        scenario_access=row["access"],
        closes_at=datetime.combine(day, CLOSING_TIME, PLACE),
        indicators=tuple(_indicator(line) for line in row["indicators"]),
        funds={source: yuan(Decimal(row["funds"][source.value])) for source in FundSource},
        criteria=tuple(CriterionFacts(line.name, line.weight) for line in DEFAULT_RUBRIC),
    )


def _indicator(line: dict[str, Any]) -> IndicatorFacts:
    value = line.get("value")
    return IndicatorFacts(
        name=line["name"],
        operator=Operator(line["operator"]),
        value=None if value is None else Decimal(str(value)),
        high=None,
        unit=line.get("unit", ""),
        test_method=line["test"],
        mandatory=True,
    )
