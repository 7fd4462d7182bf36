"""Drafting, publishing and cancelling challenges."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.queries import people_with_role
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import gate, policy, queries, rules
from portal.challenges.models import Call, Challenge, ChallengeFund, Criterion, Indicator
from portal.challenges.needs import news as need_news
from portal.challenges.rules import IssuerType, Operator, Settings
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import BIDDERS, Actor
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound
from portal.core.money import FundSource
from portal.core.outbox import Topic
from portal.core.words import N_, Message
from portal.notifications.service import notify

USUAL_MONTHS = 24


@dataclass(frozen=True)
class CallFacts:
    """What is asked about a call."""

    cluster_id: UUID
    issuer_id: UUID
    number: str
    title: str
    year: int
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class IndicatorFacts:
    """One row of the indicators."""

    name: str
    operator: Operator
    value: Decimal | None
    high: Decimal | None
    unit: str
    test_method: str
    mandatory: bool


@dataclass(frozen=True)
class CriterionFacts:
    """One row of the rubric."""

    name: str
    weight: int
    guidance: str = ""


@dataclass(frozen=True)
class ChallengeFacts:
    """All that the editor asks; money in yuan."""

    title: str
    title_en: str
    summary: str
    summary_en: str
    background: str
    content: str
    issuer_type: IssuerType
    scenario_site: str
    scenario_owner: str
    scenario_use: str
    scenario_access: str
    months: int
    closes_at: datetime | None
    indicators: tuple[IndicatorFacts, ...]
    funds: dict[FundSource, Decimal]
    criteria: tuple[CriterionFacts, ...]


def little_known(title: str, **known: Any) -> ChallengeFacts:
    """Facts of a challenge of which not more is known yet; the officer's editor asks the rest."""
    plain = (
        *("title_en", "summary", "summary_en", "background", "content"),
        *("scenario_site", "scenario_owner", "scenario_use", "scenario_access"),
    )
    values: dict[str, Any] = {
        **dict.fromkeys(plain, ""),
        "title": title,
        "issuer_type": IssuerType.GOVERNMENT,
        "months": USUAL_MONTHS,
        "closes_at": None,
        "indicators": (),
        "funds": {},
        "criteria": tuple(CriterionFacts(line.name, line.weight) for line in rules.DEFAULT_RUBRIC),
    }
    return ChallengeFacts(**{**values, **known})


PLAIN = sorted(ChallengeFacts.__dataclass_fields__.keys() - {"indicators", "funds", "criteria"})
"""What the editor and the table call by the same name."""


def create_call(actor: Actor, facts: CallFacts, now: datetime) -> Call:
    """Prepare a call. Raises NotAllowed."""
    with transaction() as session:
        call = Call(
            cluster_id=facts.cluster_id,
            issuer_id=facts.issuer_id,
            number=facts.number,
            title=facts.title,
            year=facts.year,
            settings=facts.settings.to_json(),
        )
        policy.may_draft(actor, call).enforce()
        session.add(call)
        session.flush()
        audit.record(session, actor, Action.CALL_OPENED, f"call:{call.id}", now, number=call.number)
    return call


def draft(actor: Actor, call_id: UUID, facts: ChallengeFacts, now: datetime) -> Challenge:
    """Begin a challenge in a call. Raises NotFound, NotAllowed, InvalidInput."""
    with transaction() as session:
        return begin(session, actor, call_id, facts, now)


def begin(
    session: Session, actor: Actor, call_id: UUID, facts: ChallengeFacts, now: datetime
) -> Challenge:
    """Begin a challenge within the caller's transaction. Raises NotFound, NotAllowed, InvalidInput."""
    call = queries.call(session, call_id)
    if call is None:
        raise NotFound
    policy.may_draft(actor, call).enforce()
    _check(rules.draft_problems(facts.indicators))
    challenge = Challenge(
        call=call,
        code=queries.next_code(session, call),
        settings=call.settings,
        drafted_by=actor.user_id,
    )
    _write(challenge, facts)
    session.add(challenge)
    session.flush()
    audit.record(session, actor, Action.CHALLENGE_DRAFTED, challenge.subject_ref, now)
    return challenge


def edit(actor: Actor, challenge_id: UUID, facts: ChallengeFacts, now: datetime) -> Challenge:
    """Change a draft. Raises NotFound, NotAllowed, InvalidInput."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_edit(actor, challenge).enforce()
        _check(rules.draft_problems(facts.indicators))
        _write(challenge, facts)
        audit.record(session, actor, Action.CHALLENGE_EDITED, challenge.subject_ref, now)
    return challenge


def publish(actor: Actor, challenge_id: UUID, now: datetime) -> Challenge:
    """Post a draft on the list, for everybody. Raises NotFound, NotAllowed, InvalidInput."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_publish(actor, challenge).enforce()
        _check(_publish_problems(challenge, now))
        advance(challenge, "publish", now)
        challenge.published_at = now
        audit.record(
            session,
            actor,
            Action.CHALLENGE_PUBLISHED,
            challenge.subject_ref,
            now,
            code=challenge.code,
            closes_at=challenge.closes_at,
        )
        outbox.announce(session, Topic.CHALLENGE_PUBLISHED, challenge_id=challenge.id)
    return challenge


def cancel(actor: Actor, challenge_id: UUID, reason: str, now: datetime) -> Challenge:
    """Take a challenge off the list, with a reason.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_manage(actor, challenge).enforce()
        _check(rules.reason_problems(reason))
        gate.close(session, challenge_id)
        advance(challenge, "cancel", now)
        challenge.closing_reason = why = reason.strip()
        ref = challenge.subject_ref
        audit.record(session, actor, Action.CHALLENGE_CANCELLED, ref, now, reason=why)
        outbox.announce(session, Topic.CHALLENGE_CANCELLED, challenge_id=challenge.id)
    return challenge


def tell_bidders(challenge_id: UUID, now: datetime) -> None:
    """Put a published challenge in every bidder's inbox; once, however often it runs."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        people = people_with_role(session, BIDDERS)
        news = Message(N_("“%(title)s” is published: bids are open."), {"title": challenge.title})
        key = f"challenge.published:{challenge.id}"
        notify(session, people, key, news, f"/challenges/{challenge.code}")
        need_news.published(session, challenge)


def tell_of_cancelling(challenge_id: UUID, now: datetime) -> None:
    """The officers learn of it, and whoever was told that bids are open, with the reason."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        facts: dict[str, object] = {
            "title": challenge.title,
            "reason": challenge.closing_reason[:100],
        }
        news = Message(N_("“%(title)s” was cancelled: %(reason)s"), facts)
        bidders = people_with_role(session, BIDDERS) if challenge.published_at else []
        people = {*queries.managers(session, challenge), *bidders}
        key = f"challenge.cancelled:{challenge.id}"
        notify(session, people, key, news, f"/challenges/{challenge.code}")


def _publish_problems(challenge: Challenge, now: datetime) -> list[rules.Problem]:
    money = sum((fund.amount for fund in challenge.funds), Decimal(0))
    weights = sum(criterion.weight for criterion in challenge.criteria)
    count = len(challenge.indicators)
    return rules.publish_problems(count, money, weights, challenge.closes_at, now)


def _check(problems: list[rules.Problem]) -> None:
    if problems:
        raise InvalidInput([problem.as_error() for problem in problems])


def _write(challenge: Challenge, facts: ChallengeFacts) -> None:
    for name in PLAIN:
        setattr(challenge, name, getattr(facts, name))
    challenge.indicators = [
        Indicator(position=i, **vars(row)) for i, row in enumerate(facts.indicators)
    ]
    _write_funds(challenge, facts.funds)
    challenge.criteria = [
        Criterion(position=i, **vars(row)) for i, row in enumerate(facts.criteria)
    ]


def _write_funds(challenge: Challenge, funds: dict[FundSource, Decimal]) -> None:
    """Change amounts in place: a source is there once, and rows are deleted after inserts."""
    known = {fund.source: fund for fund in challenge.funds}
    for source, amount in funds.items():
        if source in known:
            known[source].amount = amount
        elif amount:
            challenge.funds.append(ChallengeFund(source=source, amount=amount))
