"""The demonstration's calls and challenges, written by their officers through the services."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.accounts import queries as accounts
from portal.challenges import queries, service
from portal.challenges.approvals import service as approvals
from portal.challenges.calls import service as call_service
from portal.challenges.calls.rules import CallFacts
from portal.challenges.models import Challenge
from portal.challenges.rules import DEFAULT_RUBRIC, IssuerType, Operator
from portal.challenges.settings import Settings
from portal.challenges.sheet import ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.clusters import queries as clusters
from portal.core import clock
from portal.core.access import OFFICERS, Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.money import FundSource, yuan
from portal.core.workdays import PLACE
from portal.demo import keys
from portal.reviews.draws import service as draws

CLOSING_TIME = time(17)


def load_challenges(file: dict[str, Any]) -> Iterator[str]:
    """Prepare the calls, write and publish the challenges that are not there; yields each title."""
    calls = {row["number"]: row for row in file["calls"]}
    for row in file["calls"]:
        prepare_call(row, clock.now(db.session))
        yield row["title"]
    for row in file["challenges"]:
        publish(row, calls[row["call"]], clock.now(db.session))
        yield row["title"]


def person(email: str) -> Actor:
    """Somebody by address. Raises NotFound when the data files contradict each other."""
    known: dict[str, Actor] = db.session.info.setdefault("people of the demonstration", {})
    if email not in known:  # hundreds of acts, some forty people
        found = accounts.actor_by_email(db.session, email)
        if found is None:
            raise NotFound
        known[email] = found
    return known[email]


def prepare_call(row: dict[str, Any], now: datetime) -> None:
    """Prepare a call that is not there yet."""
    if queries.call_numbered(db.session, row["number"]):
        return
    officer, cluster = person(row["officer"]), clusters.by_slug(db.session, row["cluster"])
    if cluster is None:
        raise NotFound
    issuer = min(officer.organisations_as(*OFFICERS))
    settings = Settings.from_json(row.get("settings", {}))
    made = CallFacts(
        cluster.id,
        issuer,
        row["number"],
        row["title"],
        row["year"],
        settings,
        row.get("introduction", ""),
        row.get("common_rules", ""),
    )
    call_service.create(officer, made, now)


def publish(row: dict[str, Any], call_row: dict[str, Any], now: datetime) -> Challenge:
    """Write a challenge and have it published at `now`, or find the one that is there."""
    known = select(Challenge).where(Challenge.title_en == row["title_en"])
    found = db.session.scalars(known.order_by(Challenge.created_at)).first()
    if found is not None:
        return found
    call = queries.call_numbered(db.session, call_row["number"])
    if call is None:
        raise NotFound
    officer = person(call_row["officer"])
    made = service.draft(officer, call.id, _facts(row, now), now)
    second = person(call_row["second"])
    proposal = approvals.propose(officer, made.id, now)
    keys.choose_custodians(officer, second, made.id, now)
    published = approvals.approve(second, proposal.id, now)
    keys.prove_shares(second, made.id, now)
    draws.commit(made.id, now)
    return published


def _facts(row: dict[str, Any], now: datetime) -> ChallengeFacts:
    day = now.astimezone(PLACE).date() + timedelta(days=row["days"])
    same = (
        *("title", "title_en", "summary", "summary_en", "background", "content", "months"),
        *("field", "chain_stage", "deliverables", "ip_terms", "trl_from", "trl_to"),
        *("contact_name", "contact_phone", "contact_email"),
    )
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
        mandatory=not line.get("wish", False),
        baseline=line.get("baseline", ""),
    )


def titled(title: str) -> Challenge:
    """A challenge of the demonstration by its title; the first, as visitors may have copied it."""
    same = select(Challenge).where(Challenge.title == title).order_by(Challenge.created_at).limit(1)
    return db.session.scalars(same).one()


def moment(challenge: Challenge, row: dict[str, Any]) -> datetime:
    """The time of day of a row, so many days after the challenge's deadline."""
    return after(challenge.closes_at or clock.now(db.session), row)


def after(start: datetime, row: dict[str, Any]) -> datetime:
    """The time of day of a row, so many days after that of `start`."""
    day = start.astimezone(PLACE).date() + timedelta(days=row["day"])
    return datetime.combine(day, time.fromisoformat(row["at"]), PLACE)
