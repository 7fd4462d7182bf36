"""From an officer's draft to what the public reads."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select

from portal.audit.models import Entry
from portal.challenges import service
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core import clock, outbox
from portal.core.access import Role
from portal.core.db import db
from portal.core.workdays import PLACE
from portal.notifications.models import InboxItem
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
    assert client.post(f"/desk/challenges/{draft.id}/publish").status_code == 303
    for language in ("zh", "en"):
        page = stranger.get(address, query_string={"lang": language})
        assert "0.3 mm" in page.text
        assert "1,700.00" in page.text
    assert draft.title in stranger.get("/challenges?open=1&words=动作").text
    topics = db.session.scalars(select(outbox.Event.topic)).all()
    assert topics == [outbox.Topic.CHALLENGE_PUBLISHED.value]
    for _ in range(2):
        service.tell_bidders(only().id, clock.now(db.session))
    told = db.session.scalars(select(InboxItem)).all()
    assert [item.person_id for item in told] == [bidder.id]
    kinds = set(db.session.scalars(select(Entry.kind)))
    assert {"challenge.drafted", "challenge.published"} <= kinds


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "请填写此项"),
        ({"title": "长" * 201}, "最多 200"),
        ({"city": "-1"}, "不能为负数"),
        ({"city": "many"}, "请填写数字"),
        ({"city": "NaN"}, "请填写数字"),
        ({"months": "1.5"}, "请填写整数"),
        ({"months": "61"}, "不能大于 60"),
        ({"closes_at": "tomorrow"}, "请填写日期"),
        ({"indicators-0-value": ""}, "此处需要数值"),
        ({"indicators-0-operator": "between", "indicators-0-high": "0.1"}, "上限"),
        ({"indicators-0-test_method": ""}, "请填写此项"),
        ({"criteria-0-weight": "0"}, "不能小于 1"),
    ],
)
def test_bad_input_is_explained_kept_and_not_written(client, sign_in, changes, message):
    call = make_call()
    sign_in(client, make_officer(call))
    answer = client.post("/desk/challenges/new", data=typed(call, **changes))
    assert answer.status_code == 422
    assert message in answer.text
    assert "融合定位与虚拟拍摄" in answer.text
    assert db.session.scalars(select(Challenge)).all() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"criteria-1-weight": "39"}, "99"),
        ({"closes_at": "2020-01-01T10:00"}, "至少提前一天"),
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
    answer = client.post(f"/desk/challenges/{only().id}/publish")
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
    client.post(f"/desk/challenges/{challenge.id}/publish")
    assert client.get(address).status_code == 403


def queries_of(client, path) -> int:
    count = 0

    def one_more(*_):
        nonlocal count
        count += 1

    with client.application.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", one_more)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "after_cursor_execute", one_more)
    return count


@pytest.mark.parametrize("path", ["/challenges", "/desk/challenges"])
def test_the_lists_cost_the_same_with_many_rows(client, sign_in, path):
    call = make_call()
    sign_in(client, make_officer(call))
    for _ in range(10):
        make_challenge(published=True, call=call)
    few = queries_of(client, path)
    pattern = make_challenge(published=True, call=call)
    columns = [c.key for c in Challenge.__table__.columns if c.key not in ("id", "code")]
    facts = {key: getattr(pattern, key) for key in columns}
    rows = [{**facts, "code": f"MANY-{number}"} for number in range(989)]
    db.session.execute(insert(Challenge), rows)
    db.session.commit()
    assert queries_of(client, path) == few
