"""Who is there and what is published when the journeys of the front half begin."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.accounts.rules import OrganisationKind
from portal.bids.models import Bid
from portal.challenges.models import Call, Challenge
from portal.core import clock
from portal.core.access import Role
from portal.core.crypto import sha256
from portal.core.db import db
from portal.demo.walk.story import attachment
from tests.factories.accounts import PASSWORD, make_city_body, make_organisation, make_person
from tests.factories.amendments import make_amendment
from tests.factories.bids import hand_in, make_bid, make_document, make_terms
from tests.factories.challenges import make_call, make_challenge
from tests.factories.keys import PRINTED, name_custodians
from tests.factories.questions import make_question
from tests.factories.reviews import make_round, seats_of

PAPER = attachment("bid.pdf").read_bytes()
LONG = 400
"""Days until the deadline of what stays open while time passes for another journey."""
ROUTE = (
    "先以激光控制网约束采集轨迹，再用增量式位姿图合并各分区，残差逐区收敛后统一平差；"
    "反光构件以偏振成像补测，遮挡处由地面机器人补扫，最后在边缘侧完成实时渲染与发布。"
)
COPIED = ROUTE + "试运行期间每周比对一次全站仪观测值，超限分区当周重测并重新发布模型。"
TWO_SHARES = {
    "issuer": PRINTED[1],
    "issuer_password": PASSWORD,
    "escrow": PRINTED[3],
    "escrow_password": PASSWORD,
}


@dataclass(frozen=True)
class Scene:
    """Addresses of people, codes and keys; plain words, because the rows belong to a session."""

    officer: str
    second: str
    lead: str
    rival: str
    writer: str
    partner: str
    partner_id: str
    partner_name: str
    decliner: str
    decliner_name: str
    call: str
    call_title: str
    drafts: tuple[str, str, str]
    open: str
    """A challenge on which a bid is written."""
    amended: str
    """A challenge with an amendment and an answer."""
    coming: str
    """A draft that is complete."""
    closing: str
    """A challenge whose deadline is tomorrow, with two bids, the first of `lead`."""
    bids: tuple[str, str]
    reviewer: str
    """Who has two bids to score."""
    sheets: tuple[str, ...]


def make_scene(app: Flask) -> Scene:
    """Write all of it."""
    app.extensions["portal_files"].put(PAPER)
    city = make_city_body(name="示例市科学技术委员会")
    officers = [
        make_person(Role.CITY_OFFICER, organisation=city, name=name) for name in ("林一", "高二")
    ]
    call = make_call(city, number="SL-JB-2026-01", title="机器视觉2026年第一批榜单")
    call.cluster.name, call.cluster.name_en = "机器视觉重点项目群", "Machine vision"
    call.published_at = clock.now(db.session)
    firm = make_organisation(name="示例首光科技有限公司")
    lead = make_person(Role.BIDDER_LEAD, organisation=firm, name="陈光")
    rival, writer = (make_person(Role.BIDDER_LEAD, name=name) for name in ("赵景", "何芯"))
    partner, decliner = _member("示例感知大学", "孙研"), _member("示例影像大学", "罗影")
    posted = [
        _posted(call, title=title) for title in ("高炉内壁触觉检测机器人", "绿轴动态三维重建")
    ]
    _amended(posted[1], officers[0])
    coming = make_challenge(call=call, days=LONG, title="柔性触觉皮肤", drafted_by=officers[0].id)
    name_custodians(coming)
    drafts = [make_challenge(call=call, days=LONG, title=f"待编辑榜题{n}") for n in (1, 2, 3)]
    closing = make_challenge(published=True, call=call, days=1, title="液氢阀门泄漏在线监测")
    bids = [_handed_in(closing, one) for one in (lead, rival)]
    db.session.commit()
    seat = seats_of(make_round(scoring=True))[0]
    return Scene(
        officer=officers[0].email,
        second=officers[1].email,
        lead=lead.email,
        rival=rival.email,
        writer=writer.email,
        partner=partner.email,
        partner_id=str(partner.id),
        partner_name=_home(partner).name,
        decliner=decliner.email,
        decliner_name=_home(decliner).name,
        call=call.number,
        call_title=call.title,
        drafts=tuple(str(one.id) for one in drafts),
        open=posted[0].code,
        amended=posted[1].code,
        coming=str(coming.id),
        closing=closing.code,
        bids=tuple(f"/bids/{one.id}" for one in bids),
        reviewer=seat.reviewer.person.email,
        sheets=tuple(f"/sheets/{sheet.id}" for sheet in seat.sheets),
    )


def _home(person: Person) -> Organisation:
    return person.memberships[0].organisation


def _member(organisation: str, name: str) -> Person:
    home = make_organisation(name=organisation, kind=OrganisationKind.UNIVERSITY)
    return make_person(Role.PARTNER, organisation=home, name=name)


def _posted(call: Call, **facts: str) -> Challenge:
    return make_challenge(published=True, call=call, days=LONG, **facts)


def _amended(challenge: Challenge, officer: Person) -> None:
    make_amendment(challenge, applied=True, by=actor_of(officer), months=30)
    make_question(challenge, number=1)


def _handed_in(challenge: Challenge, person: Person) -> Bid:
    home = _home(person)
    bid = make_bid(
        challenge=challenge,
        lead=home,
        started_by=person.id,
        draft_file=make_document(uploaded_by=person.id, sha256=sha256(PAPER), size=len(PAPER)),
        terms=make_terms(challenge, home, route=COPIED),
    )
    db.session.commit()
    hand_in(actor_of(person), bid.id, clock.now(db.session) - timedelta(hours=1))
    return bid
