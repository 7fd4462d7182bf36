"""Bids for tests: complete ones, in any state of their life."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from portal.accounts.models import Organisation
from portal.accounts.rules import OrganisationKind
from portal.bids.models import Bid, BidPartner, BidVersion, PartnerConsent
from portal.bids.rules import BidState, PartnerState
from portal.bids.sections.models import lines_of
from portal.bids.teams.queries import offered, written
from portal.bids.teams.rules import digest_of
from portal.bids.terms import (
    BidTerms,
    BudgetCategory,
    BudgetItem,
    Level,
    Member,
    MemberRole,
    PlannedMilestone,
    Promise,
    Risk,
)
from portal.challenges.models import Challenge, Indicator
from portal.challenges.rules import ChallengeState, Operator
from portal.core import clock
from portal.core.access import Role
from portal.core.crypto import canonical, sha256
from portal.core.db import db
from portal.core.files import StoredFile
from portal.core.money import PUBLIC_SOURCES, FundSource
from tests.factories.accounts import make_organisation, make_person
from tests.factories.challenges import make_challenge

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_numbers = count(1)


def make_document(**facts: Any) -> StoredFile:
    """A stored PDF; its bytes are not in the store unless a test puts them there."""
    values: dict[str, Any] = {
        "sha256": sha256(PDF),
        "size": len(PDF),
        "media_type": "application/pdf",
        "name": "揭榜方案.pdf",
    }
    stored = StoredFile(**{**values, "uploaded_by": facts.pop("uploaded_by"), **facts})
    db.session.add(stored)
    db.session.flush()
    return stored


def promise_for(indicator: Indicator) -> Promise:
    """Exactly what the indicator asks for."""
    qualitative = indicator.operator is Operator.QUALITATIVE
    value = None if qualitative or indicator.value is None else Decimal(indicator.value)
    how = "按任务书要求完成第三方测试"
    return Promise(indicator.id, value, how, baseline="尚无同类产品", proof="第三方检测报告")


def make_terms(challenge: Challenge, lead: Organisation, **facts: Any) -> BidTerms:
    """Terms that are complete and fit the challenge; any part can be told."""
    number = next(_numbers)
    public = [f for f in challenge.funds if f.source in PUBLIC_SOURCES]
    asked = {fund.source: Decimal(fund.amount) / 2 for fund in public}
    least = {f.source: Decimal(f.amount) for f in challenge.funds if f.source not in PUBLIC_SOURCES}
    own = max(least.get(FundSource.ENTERPRISE, Decimal(0)), sum(asked.values(), Decimal(1_000_000)))
    money = {**asked, **least, FundSource.ENTERPRISE: own}
    months = challenge.months
    values: dict[str, Any] = {
        "title": f"示例揭榜方案{number}",
        "summary": "以自研引擎攻克榜题所列关键技术,并在应用场景落地。",
        "route": "先完成算法验证,再集成样机,最后在场景中试运行。",
        "risks": (Risk("数据不足", Level.MEDIUM, Level.HIGH, "采用合成数据补充"),),
        "members": (
            Member("王工", lead.name, "技术负责人", 60, MemberRole.LEADER, 1980),
            Member("李工", lead.name, "系统集成", 80, MemberRole.CORE, 1990),
        ),
        "promises": tuple(promise_for(indicator) for indicator in challenge.indicators),
        "milestones": (
            PlannedMilestone(max(1, months // 2), "样机", "样机与测试报告", 60),
            PlannedMilestone(months, "示范", "场景示范报告", 40),
        ),
        "items": tuple(
            BudgetItem(1, BudgetCategory.EQUIPMENT, source, amount)
            for source, amount in money.items()
        ),
        "background": "牵头单位已有自研引擎,权属清晰。",
        "foreground": "申请发明专利不少于二项。",
        "ownership": "成果归牵头单位与联合单位共有,按约定使用。",
        "scenario": "在榜题给出的场地分两步部署并试运行六个月。",
        "data_security": "数据不出场地,分级授权。",
        "other_funding": "无",
    }
    return BidTerms(**{**values, **facts})


def make_bid(
    *,
    submitted: bool = False,
    withdrawn: bool = False,
    opened: bool = False,
    eligible: bool = False,
    rejected: bool = False,
    partners: list[Organisation] | None = None,
    terms: BidTerms | None = None,
    **facts: Any,
) -> Bid:
    """A complete draft with one confirmed partner, or a bid further on (a trait).

    Takes challenge, lead, started_by and other columns; `at` is the time of the submission. An
    opened bid whose challenge is not given has an opened challenge.
    """
    handed_in = submitted or withdrawn or opened or eligible or rejected
    past = opened or eligible or rejected
    at: datetime | None = facts.pop("at", None)
    challenge = facts.pop("challenge", None) or make_bid_challenge(opened=past)
    lead = facts.pop("lead", None) or make_organisation()
    started_by = facts.pop("started_by", None)
    person_id = started_by or make_person(Role.BIDDER_LEAD, organisation=lead).id
    state = (
        BidState.WITHDRAWN if withdrawn
        else BidState.REJECTED if rejected
        else BidState.ELIGIBLE if eligible
        else BidState.OPENED if opened
        else BidState.SUBMITTED if submitted
        else BidState.DRAFT
    )  # fmt: skip
    team = [make_partner()] if partners is None else partners
    terms = terms or make_terms(challenge, lead)
    stored = facts.pop("draft_file", None) or make_document(uploaded_by=person_id)
    values: dict[str, Any] = {"state": state, "draft_file": stored}
    bid = Bid(challenge=challenge, lead=lead, started_by=person_id, **{**values, **facts})
    bid.sections = []
    bid.terms = terms
    joined = PartnerState.CONFIRMED
    bid.partners = [
        BidPartner(organisation=o, duty="场景测试", state=joined, consents=[]) for o in team
    ]
    bid.versions, bid.people = [], []
    db.session.add(bid)
    db.session.flush()
    for partner in bid.partners:
        agree(partner, person_id)
    if handed_in:
        make_version(bid, at=at)
    return bid


def agree(partner: BidPartner, person_id: UUID) -> None:
    """The partner's consent to what it is asked now."""
    text = offered(partner)
    consent = PartnerConsent(
        text=text,
        text_sha256=digest_of(text),
        agreed_by=person_id,
        agreed_at=clock.now(db.session),
    )
    partner.consents.append(consent)
    db.session.flush()


def make_bid_challenge(opened: bool = False, **facts: Any) -> Challenge:
    """A published challenge, or one whose deadline has passed and whose bids are open."""
    if not opened:
        return make_challenge(published=True, **facts)
    now = clock.now(db.session)
    past: dict[str, Any] = {
        "state": ChallengeState.OPENED,
        "published_at": now - timedelta(days=40),
        "closes_at": now - timedelta(days=1),
        "opened_at": now,
    }
    return make_challenge(published=True, **{**past, **facts})


def make_partner() -> Organisation:
    """A university with a person who can answer invitations."""
    number = next(_numbers)
    home = make_organisation(name=f"示例大学{number}", kind=OrganisationKind.UNIVERSITY)
    make_person(Role.PARTNER, organisation=home)
    return home


def make_version(bid: Bid, at: datetime | None = None) -> BidVersion:
    """What the bid's draft says now, as handed in an hour before the deadline."""
    stored = bid.draft_file
    assert stored is not None
    assert bid.challenge.closes_at is not None
    manifest = {
        "challenge_id": str(bid.challenge_id),
        "lead": {"id": str(bid.lead_id), "name": bid.lead.name},
        "partners": [written(partner) for partner in bid.partners],
        "terms": bid.terms.to_json(),
        "document": {"sha256": stored.sha256, "size": stored.size, "name": stored.name},
    }
    version = BidVersion(
        number=len(bid.versions) + 1,
        submitted_by=bid.started_by,
        submitted_at=at or bid.challenge.closes_at - timedelta(hours=1),
        manifest=manifest,
        manifest_sha256=sha256(canonical(manifest)),
        file=stored,
        lines=lines_of(bid.terms),
    )
    bid.versions.append(version)
    db.session.flush()
    return version


BidFactory = make_bid
"""The name that other features' tests know."""
