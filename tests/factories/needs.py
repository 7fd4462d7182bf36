"""Needs and opinions for tests."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from portal.accounts.models import Organisation, Person
from portal.challenges.needs.models import Need, Opinion
from portal.challenges.needs.rules import NeedState
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from tests.factories.accounts import make_organisation, make_person

WORDS = "该问题在行业内普遍存在,建议尽快立题攻关。"


def make_need(
    handed_in: bool = False, taken_up: bool = False, owner: Organisation | None = None, **facts: Any
) -> Need:
    """A complete draft, or a need that was handed in or taken up."""
    now = clock.now(db.session)
    home = owner or make_organisation()
    raised_by = facts.pop("raised_by", None) or make_person(Role.BIDDER_LEAD, organisation=home).id
    state = (
        NeedState.TAKEN_UP if taken_up else NeedState.HANDED_IN if handed_in else NeedState.DRAFT
    )
    values: dict[str, Any] = {
        "state": state,
        "handed_in_at": now if state is not NeedState.DRAFT else None,
        "title": "产线缺陷检测",
        "problem": "人工目检漏检率高,节拍跟不上产线。",
        "site": "一号总装线",
        "existing": "进口设备价格高,算法不能自行调整。",
        "worth": "漏检率降到千分之一以下,每年节约三百万元。",
        "money": Decimal(3_000_000),
        "pain_points": ["P1"],
        "reached": {state.value: now.isoformat()},
        "created_at": now,
    }
    need = Need(owner=home, raised_by=raised_by, **{**values, **facts})
    db.session.add(need)
    db.session.flush()
    return need


def make_opinion(need: Need, expert: Person, officer: Person) -> Opinion:
    """An opinion for which an expert was asked."""
    now = clock.now(db.session)
    opinion = Opinion(
        need=need,
        expert=expert,
        asked_by=officer.id,
        asked_at=now,
        answer_by=now + timedelta(days=10),
    )
    db.session.add(opinion)
    db.session.flush()
    return opinion
