"""Bids for tests: complete ones, in any state of their life."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from flask import current_app

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.accounts.rules import OrganisationKind
from portal.bids import service, versions
from portal.bids.models import Bid, BidPartner, BidVersion, PartnerConsent
from portal.bids.rules import OPENED_STATES, BidState, PartnerState
from portal.bids.teams.queries import offered
from portal.bids.teams.rules import Offer, digest_of
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
from portal.core.access import Actor, Role
from portal.core.crypto import sha256
from portal.core.db import db
from portal.core.files import FileStore, StoredFile
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.sealing.envelope import HPKE_X25519_AES256GCM
from portal.core.sealing.manifest import commitment, new_nonce
from tests.factories.accounts import make_organisation, make_person
from tests.factories.challenges import make_challenge
from tests.factories.remembered import remembered

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)

_numbers = count(1)


def kept() -> FileStore:
    """The store of the portal under test."""
    found: FileStore = current_app.extensions["portal_files"]
    return found


def hand_in(actor: Actor, bid_id: UUID, stamp: datetime, request_key: str = "") -> BidVersion:
    """Hand a bid in as a team does: it is sealed, and its bytes are in the store."""
    return service.submit(actor, bid_id, stamp, kept(), request_key)


def make_document(**facts: Any) -> StoredFile:
    """A stored PDF, as if it was kept in clear; other bytes than PDF a test has to put there."""
    kept().put(PDF)
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


@remembered
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
        BidPartner(organisation=o, offer=Offer("场景测试"), state=joined, consents=[]) for o in team
    ]
    bid.versions, bid.people = [], []
    db.session.add(bid)
    db.session.flush()
    for partner in bid.partners:
        agree(partner, person_id)
    if handed_in:
        make_version(bid, at=at)
    return bid


@remembered
def make_sealed(**facts: Any) -> Bid:
    """A bid that was really handed in, an hour before the deadline: sealed, logged, to be opened."""
    bid = make_bid(**facts)
    closes_at = bid.challenge.closes_at
    assert closes_at is not None
    lead = actor_of(db.session.get_one(Person, bid.started_by))
    db.session.commit()
    hand_in(lead, bid.id, closes_at - timedelta(hours=1))
    return bid


def hand_in_again(bid: Bid) -> BidVersion:
    """Change a bid that was handed in, and hand in a new version half an hour before the deadline."""
    closes_at = bid.challenge.closes_at
    assert closes_at is not None
    lead = actor_of(db.session.get_one(Person, bid.started_by))
    bid.terms = replace(bid.terms, title=f"改进后的方案{next(_numbers)}")
    db.session.commit()
    return hand_in(lead, bid.id, closes_at - timedelta(minutes=30))


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


@remembered
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
    """What the bid's draft says now, as handed in an hour before the deadline: readable if the bid is
    open, else sealed, with no bytes in the store and nothing in the log (`service.submit` has both)."""
    assert bid.challenge.closes_at is not None
    content, number, nonce = versions.content_of(bid), len(bid.versions) + 1, new_nonce()
    version = BidVersion(
        number=number,
        submitted_by=bid.started_by,
        submitted_at=at or bid.challenge.closes_at - timedelta(hours=1),
        commit=commitment(versions.manifest_of(bid, content, number, nonce).to_bytes()),
        ct_sha256=sha256(nonce),
        ct_size=1,
        suite=HPKE_X25519_AES256GCM,
    )
    if bid.state in OPENED_STATES:
        versions.fill(version, content, nonce)
    else:
        version.kept_nonce = nonce.hex()
    bid.versions.append(version)
    db.session.flush()
    return version


BidFactory = make_bid
"""The name that other features' tests know."""
