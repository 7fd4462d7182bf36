"""From an officer's draft to what the public reads."""

import re
from datetime import timedelta
from html import unescape

import pytest
from markupsafe import escape
from sqlalchemy import func, select

from portal.audit.models import Entry
from portal.challenges import service
from portal.challenges.models import Challenge, ChallengeFund, Criterion, Indicator, Proposal
from portal.challenges.rules import ChallengeState
from portal.core import clock, outbox
from portal.core.access import Role
from portal.core.db import db
from portal.core.workdays import PLACE
from portal.notifications.models import InboxItem
from tests.copies import copies
from tests.factories.accounts import make_person
from tests.factories.challenges import make_call, make_challenge, make_officer


def typed(call, **changes) -> dict[str, str]:
    closes = clock.now(db.session).astimezone(PLACE) + timedelta(days=40)
    data = {
        "call": str(call.id),
        "title": "光学惯性融合动作捕捉",
        "summary": "一体化装备。",
        "background": "国产化不足。",
        "content": "融合定位与虚拟拍摄。",
        "issuer_type": "government",
        "scenario_site": "中关村科幻产业创新中心",
        "scenario_owner": "创新中心",
        "scenario_use": "公共技术服务平台",
        "city": "500",
        "district": "200",
        "enterprise": "700",
        "social": "300",
        "months": "24",
        "deliverables": "样机与检测报告。",
        "ip_terms": "归揭榜团队所有。",
        "contact_name": "联系人",
        "contact_phone": "010-12345678",
        "closes_at": closes.strftime("%Y-%m-%dT%H:%M"),
        "indicators-0-name": "光学静态定位误差",
        "indicators-0-operator": "le",
        "indicators-0-value": "0.3",
        "indicators-0-unit": "mm",
        "indicators-0-test_method": "第三方检测",
        "criteria-0-name": "指标响应",
        "criteria-0-weight": "60",
        "criteria-1-name": "技术路线",
        "criteria-1-weight": "40",
    }
    return {**data, **changes}


NEEDED = [
    "title",
    "summary",
    "background",
    "content",
    "issuer_type",
    "scenario_site",
    "scenario_owner",
    "scenario_use",
    "city",
    "district",
    "enterprise",
    "social",
    "months",
    "closes_at",
]


def proposals() -> str:
    """The address of the only proposal."""
    return f"/desk/proposals/{db.session.scalars(select(Proposal)).one().id}"


def only() -> Challenge:
    return db.session.scalars(select(Challenge)).one()


def test_an_officer_writes_and_publishes_and_the_public_reads(client, app, sign_in):
    call = make_call()
    bidder = make_person(Role.BIDDER_LEAD)
    sign_in(client, make_officer(call))
    assert client.post("/desk/challenges/new", data=typed(call)).status_code == 303
    draft = only()
    address = f"/challenges/{draft.code}"
    stranger = app.test_client()
    assert stranger.get(address).status_code == 404
    assert draft.title not in stranger.get("/challenges").text
    assert client.post(f"/desk/challenges/{draft.id}/propose").status_code == 303
    assert stranger.get(address).status_code == 404
    second = app.test_client()
    sign_in(second, make_officer(call))
    assert second.post(f"{proposals()}/approve").status_code == 303
    for language in ("zh", "en"):
        page = stranger.get(address, query_string={"lang": language})
        assert "0.3 mm" in page.text
        assert "1,700.00" in page.text
    assert draft.title in stranger.get("/challenges?stage=open&words=动作").text
    topics = db.session.scalars(select(outbox.Event.topic)).all()
    assert topics == [outbox.Topic.CHALLENGE_PUBLISHED.value]
    for _ in range(2):
        service.tell_bidders(only().id, clock.now(db.session))
    told = db.session.scalars(select(InboxItem)).all()
    assert [item.person_id for item in told].count(bidder.id) == 1
    kinds = set(db.session.scalars(select(Entry.kind)))
    assert {"challenge.drafted", "challenge.published"} <= kinds


WRONG = [
    *[({name: ""}, "请填写此项") for name in NEEDED],
    ({"title": "长" * 201}, "最多 200"),
    ({"title_en": "x" * 201}, "最多 200"),
    ({"summary": "长" * 601}, "最多 600"),
    ({"background": "长" * 5001}, "最多 5000"),
    ({"scenario_access": "长" * 2001}, "最多 2000"),
    ({"issuer_type": "nobody"}, "issuer_type-error"),
    ({"call": "00000000-0000-0000-0000-000000000000"}, "call-error"),
    ({"call": "x' OR 1=1"}, "call-error"),
    ({"city": "-1"}, "不能为负数"),
    ({"city": "many"}, "请填写数字"),
    ({"city": "NaN"}, "请填写数字"),
    ({"district": "-1e309"}, "不能为负数"),
    ({"enterprise": "1e309"}, "金额过大"),
    ({"social": "99999999999"}, "金额过大"),
    ({"social": "0.1234567"}, "最多 6"),
    ({"months": "1.5"}, "请填写整数"),
    ({"months": "0"}, "不能小于 1"),
    ({"months": "61"}, "不能大于 60"),
    ({"closes_at": "tomorrow"}, "请填写日期"),
    ({"closes_at": "2026-02-30T00:00"}, "请填写日期"),
    ({"indicators-0-value": ""}, "此处需要数值"),
    ({"indicators-0-value": "inf"}, "请填写数字"),
    ({"indicators-0-operator": "qualitative"}, "没有数值"),
    ({"indicators-0-operator": "between", "indicators-0-high": "0.1"}, "上限"),
    ({"indicators-0-high": "1"}, "上限"),
    ({"indicators-0-operator": "about"}, "operator-error"),
    ({"indicators-0-test_method": ""}, "请填写此项"),
    ({"indicators-0-unit": "长" * 41}, "最多 40"),
    ({"criteria-0-weight": "0"}, "不能小于 1"),
    ({"criteria-0-weight": "101"}, "不能大于 100"),
    ({"criteria-0-weight": "-5"}, "不能小于 1"),
    ({"criteria-0-weight": ""}, "请填写此项"),
    ({"criteria-0-name": ""}, "请填写此项"),
]


def rows() -> list[int]:
    tables = (Challenge, Indicator, ChallengeFund, Criterion, Entry, outbox.Event)
    return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_bad_input_is_explained_at_its_field_kept_and_not_written(client, sign_in):
    call = make_call()
    draft = make_challenge(call=call)
    sign_in(client, make_officer(call))
    before = rows()
    for changes, message in WRONG:
        data = {**typed(call), **changes}
        data["revision"] = "1"
        for address in ("/desk/challenges/new", f"/desk/challenges/{draft.id}/edit"):
            if "call" in changes and address.endswith("edit"):
                continue
            answer = client.post(address, data=data)
            assert answer.status_code == 422, changes
            assert message in answer.text, changes
            untouched = {"title", "content", "scenario_site"} - changes.keys()
            assert all(data[name] in answer.text for name in untouched), changes
            for name, value in changes.items():
                kept = name == "call" or name.endswith(("operator", "issuer_type"))
                assert kept or escape(value) in answer.text, changes
    assert rows() == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"criteria-1-weight": "39"}, "99"),
        ({"closes_at": "2020-01-01T10:00"}, "至少提前一天"),
        ({"closes_at": "9999-12-31T23:59"}, "三年之内"),
        ({"city": "0", "district": "0", "enterprise": "0", "social": "0"}, "资金"),
        (
            {
                "indicators-0-name": "",
                "indicators-0-value": "",
                "indicators-0-test_method": "",
                "indicators-0-unit": "",
            },
            "至少需要一项",
        ),
    ],
)
def test_an_incomplete_draft_is_kept_but_not_published(client, sign_in, changes, message):
    call = make_call()
    sign_in(client, make_officer(call))
    assert client.post("/desk/challenges/new", data=typed(call, **changes)).status_code == 303
    answer = client.post(f"/desk/challenges/{only().id}/propose")
    assert answer.status_code == 422
    assert message in answer.text
    assert only().state is ChallengeState.DRAFT


def test_a_row_is_added_without_javascript_and_nothing_is_written(client, sign_in):
    call = make_call()
    sign_in(client, make_officer(call))
    answer = client.post("/desk/challenges/new", data=typed(call, add_criteria="1"))
    assert 'name="criteria-2-name"' in answer.text
    assert db.session.scalars(select(Challenge)).all() == []


def test_only_the_issuing_body_edits_and_nobody_after_publishing(client, app, sign_in):
    challenge = make_challenge()
    address = f"/desk/challenges/{challenge.id}/edit"
    other = app.test_client()
    sign_in(other, make_officer(make_call()))
    assert other.get(address).status_code == 404
    sign_in(client, make_officer(challenge))
    assert client.get(address).status_code == 200
    client.post(f"/desk/challenges/{challenge.id}/propose")
    assert client.get(address).status_code == 403


def test_a_reason_is_needed_to_cancel_and_is_public(client, app, sign_in):
    challenge = make_challenge(published=True)
    stranger, other = app.test_client(), app.test_client()
    sign_in(client, make_officer(challenge))
    sign_in(other, make_officer(make_call()))
    address = f"/desk/challenges/{challenge.id}/cancel"
    before = rows()
    assert other.get(address).status_code == other.post(address).status_code == 404
    for reason in ("", "太短", "长" * 1001):
        answer = client.post(address, data={"reason": reason})
        assert answer.status_code == 422
        assert reason in answer.text
    assert rows() == before
    assert client.post(address, data={"reason": "立项条件变化,不再发布本榜题。"}).status_code == 303
    page = stranger.get(f"/challenges/{challenge.code}")
    assert page.status_code == 200
    assert "立项条件变化" in page.text
    assert client.get(address).status_code == client.post(address).status_code == 403


def test_only_officers_reach_the_writing_desk(client, app, sign_in):
    call = make_call()
    draft = make_challenge(call=call)
    sign_in(client, make_officer(call))
    pages = ["/desk/challenges", "/desk/challenges/new", f"/desk/challenges/{draft.id}/edit"]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    for role in (Role.BIDDER_LEAD, Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        other = app.test_client()
        sign_in(other, make_person(role))
        assert [other.get(page).status_code for page in pages] == [403, 403, 404], role
        assert other.post(pages[1], data=typed(call)).status_code == 403
        assert other.post(f"/desk/challenges/{draft.id}/propose").status_code == 404
        assert other.get(f"/challenges/{draft.code}").status_code == 404
    assert [app.test_client().get(page).status_code for page in pages] == [302, 302, 302]


def test_the_list_goes_on_where_the_page_ends(client):
    pattern = make_challenge(published=True)
    copies(pattern, 24, code=lambda i: f"MANY-{i}", title=lambda i: f"另一题{i}号")
    first = client.get("/challenges?words=题")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older is not None
    second = client.get(unescape(older[1]))
    titles = [re.findall(r"另一题\d+号", page.text) for page in (first, second)]
    assert set(titles[0]).isdisjoint(titles[1])
    assert len({*titles[0], *titles[1]}) == 24
    assert 'rel="next"' not in second.text
