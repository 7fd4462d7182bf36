"""Clusters, calls and challenges for tests."""

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from portal.accounts.models import Organisation, Person
from portal.challenges.amendments.versions import sheet_of
from portal.challenges.keys.queries import key_of
from portal.challenges.models import (
    Attachment,
    Call,
    Challenge,
    ChallengeFund,
    Criterion,
    Indicator,
    Proposal,
)
from portal.challenges.rules import (
    DEFAULT_RUBRIC,
    ChallengeState,
    IssuerType,
    Operator,
    Outcome,
)
from portal.challenges.settings import Settings
from portal.clusters.models import Cluster
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.files import FileStore, StoredFile
from portal.core.money import FundSource
from tests.factories.accounts import make_city_body, make_person
from tests.factories.keys import make_key, name_custodians
from tests.factories.remembered import remembered

_numbers = count(1)


def make_cluster(**facts: Any) -> Cluster:
    """A key project cluster."""
    number = next(_numbers)
    values = {
        "slug": f"cluster-{number}",
        "name": f"重点项目群{number}",
        "name_en": f"Cluster {number}",
        "district": "石景山区",
        "years_min": 3,
        "years_max": 5,
        "position": number,
    }
    cluster = Cluster(**{**values, **facts})
    db.session.add(cluster)
    db.session.flush()
    return cluster


def make_call(issuer: Organisation | None = None, **facts: Any) -> Call:
    """A call of a city body."""
    number = next(_numbers)
    values = {"number": f"BJ-JB-{number}", "title": f"榜单{number}", "year": 2026}
    call = Call(
        cluster=make_cluster(),
        issuer=issuer or make_city_body(),
        settings=Settings().to_json(),
        **{**values, **facts},
    )
    db.session.add(call)
    db.session.flush()
    return call


def make_officer(challenge_or_call: Challenge | Call) -> Person:
    """A city officer of the issuing body."""
    call = getattr(challenge_or_call, "call", challenge_or_call)
    return make_person(Role.CITY_OFFICER, organisation=call.issuer)


@remembered
def make_challenge(
    published: bool = False,
    call: Call | None = None,
    days: int = 40,
    keyed: bool = True,
    **facts: Any,
) -> Challenge:
    """A complete draft, or a published challenge that closes in `days`, its opening key proven."""
    number = next(_numbers)
    now = clock.now(db.session)
    home = call or make_call()
    values: dict[str, Any] = {
        "code": f"{home.number}-{number:04d}",
        "title": f"复杂场景动态三维重建{number}",
        "summary": "稀疏视点下的动态三维重建。",
        "background": "依赖密集视点采集,成本高。",
        "content": "稀疏视点动态重建、材质光照分离。",
        "issuer_type": IssuerType.GOVERNMENT,
        "scenario_site": "首钢园",
        "scenario_owner": "首钢园运营单位",
        "scenario_use": "演播空间虚实融合直播",
        "months": 24,
        "deliverables": "样机一套,检测报告与用户报告各一份。",
        "ip_terms": "新产生的知识产权归揭榜团队所有,场景方享有使用权。",
        "contact_name": "发榜单位联系人",
        "contact_phone": "010-12345678",
        "settings": home.settings,
        "closes_at": now + timedelta(days=days),
        "state": ChallengeState.PUBLISHED if published else ChallengeState.DRAFT,
        "published_at": now if published else None,
        "drafted_by": make_officer(home).id,
    }
    challenge = Challenge(call=home, **{**values, **facts})
    challenge.indicators = [
        Indicator(
            position=0,
            name="重建输出",
            operator=Operator.AT_LEAST,
            value=Decimal(30),
            unit="帧/秒",
            test_method="第三方检测",
            mandatory=True,
        ),
        Indicator(
            position=1,
            name="采集视点",
            operator=Operator.AT_MOST,
            value=Decimal(16),
            unit="路",
            test_method="现场核验",
            mandatory=True,
        ),
    ]
    challenge.funds = [
        ChallengeFund(source=FundSource.CITY, amount=Decimal(6000000)),
        ChallengeFund(source=FundSource.DISTRICT, amount=Decimal(2000000)),
    ]
    challenge.criteria = [
        Criterion(position=i, name=line.name, weight=line.weight)
        for i, line in enumerate(DEFAULT_RUBRIC)
    ]
    db.session.add(challenge)
    db.session.flush()
    if published and keyed:
        make_key(challenge)
    return challenge


def make_proposal(challenge: Challenge | None = None, **facts: Any) -> Proposal:
    """A draft that waits for a second officer; `outcome` decides it by another officer."""
    challenge = challenge or make_challenge()
    if challenge.state is ChallengeState.DRAFT and "outcome" not in facts:
        challenge.state = ChallengeState.PROPOSED
    decided = facts.get("outcome") is not None
    first = make_officer(challenge).id
    other = first if facts.get("outcome") is Outcome.TAKEN_BACK else make_officer(challenge).id
    values: dict[str, Any] = {
        "number": len(challenge.proposals) + 1,
        "sheet": sheet_of(challenge),
        "proposed_by": first,
        "proposed_at": clock.now(db.session),
        "decided_by": other if decided else None,
        "decided_at": clock.now(db.session) if decided else None,
    }
    if challenge.published_at is None and key_of(db.session, challenge.id) is None:
        name_custodians(challenge)
    proposal = Proposal(challenge=challenge, **{**values, **facts})
    db.session.add(proposal)
    db.session.flush()
    return proposal


def make_attachment(challenge: Challenge, store: FileStore, **facts: Any) -> Attachment:
    """A small PDF attached to a challenge."""
    data = b"%PDF-1.4 "
    kept = StoredFile(
        sha256=store.put(data),
        size=len(data),
        media_type="application/pdf",
        name="场地图纸.pdf",
        uploaded_by=challenge.drafted_by,
    )
    values: dict[str, Any] = {"title": "场地图纸", "position": len(challenge.attachments)}
    paper = Attachment(file=kept, **{**values, **facts})
    challenge.attachments.append(paper)
    db.session.flush()
    return paper
