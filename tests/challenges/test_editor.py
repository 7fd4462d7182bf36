"""The editor: a draft written section by section, saved as one types, overwritten by nobody."""

import re
from datetime import timedelta

import pytest
from markupsafe import escape
from sqlalchemy import func, select

from portal.audit.models import Entry
from portal.challenges import service
from portal.challenges.models import Challenge, ChallengeFund, Criterion, Indicator, Proposal
from portal.challenges.sections import SECTIONS
from portal.core import clock, outbox
from portal.core.access import Role
from portal.core.db import db
from portal.core.workdays import PLACE
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_person
from tests.factories.challenges import make_call, make_challenge, make_officer
from tests.factories.keys import name_custodians

TITLE = "光学惯性融合动作捕捉"
SHEET = {
    "basics": {
        "title": TITLE,
        "summary": "一体化装备。",
        "background": "国产化不足。",
        "content": "融合定位与虚拟拍摄。",
        "deliverables": "样机与检测报告。",
        "field": "动作捕捉",
        "trl_from": "4",
        "trl_to": "8",
    },
    "indicators": {
        "indicators-0-name": "光学静态定位误差",
        "indicators-0-operator": "le",
        "indicators-0-value": "0.3",
        "indicators-0-unit": "mm",
        "indicators-0-test_method": "第三方检测",
        "indicators-0-baseline": "现有 0.8 mm",
    },
    "scenario": {
        "scenario_site": "中关村科幻产业创新中心",
        "scenario_owner": "创新中心",
        "scenario_use": "公共技术服务平台",
    },
    "money": {
        "issuer_type": "government",
        "city": "500",
        "district": "200",
        "enterprise": "700",
        "social": "300",
        "winners": "2",
        "race": "y",
        "own_ratio_min": "0",
        "public_ahead": "100",
        "tranche_shares": "50，30, 20",
    },
    "team": {"lead_kinds": ["institute", "enterprise"], "partners_max": "4"},
    "review": {
        "criteria-0-name": "指标响应",
        "criteria-0-weight": "60",
        "criteria-1-name": "技术路线",
        "criteria-1-weight": "40",
        "criteria-1-guidance": "是否可行",
        "review_method": "online_and_panel",
        "panel_first": "3",
        "panel_from": "75.5",
        "panel_method": "ballot",
        "panel_weight": "60",
        "reviewers": "7",
        "seats_industry": "2",
        "seats_finance": "1",
        "trim_from": "5",
        "pass_mark": "65.5",
        "score_rule": "trimmed",
        "tie_first": "criterion_1",
        "tie_second": "all",
        "tie_third": "none",
        "spread_max": "30",
        "distance_max": "20",
        "criterion_spread_max": "0",
        "on_disagreement": "reasons",
        "disagreement_days": "3",
        "bids_min": "1",
        "invite_days": "3",
        "review_days": "10",
        "answer_remind_days": "2",
        "review_remind_days": "4",
        "late_days": "1",
        "replace_days": "6",
    },
    "dates": {"months": "24", "question_days": "7", "notice_days": "5", "notice_unit": "working"},
    "terms": {
        "ip_terms": "归揭榜团队所有。",
        "contact_name": "林",
        "contact_phone": "010-12345678",
    },
}


def only() -> Challenge:
    return db.session.scalars(select(Challenge)).one()


def address(draft: Challenge, key: str = "") -> str:
    return f"/desk/challenges/{draft.id}/edit{'/' * bool(key)}{key}"


def typed(draft: Challenge, key: str, **changes: object) -> dict[str, object]:
    """What is sent for a section."""
    data = {"seen": str(draft.revision), **SHEET[key]}
    if key == "dates":
        closes = clock.now(db.session).astimezone(PLACE) + timedelta(days=40)
        data["closes_at"] = closes.strftime("%Y-%m-%dT%H:%M")
    return {**data, **changes}


def write_all(client, draft: Challenge) -> None:
    for key in SHEET:
        sent = client.post(address(draft, key), data=typed(only(), key))
        assert sent.status_code == 303, key


def test_an_officer_writes_section_by_section_and_a_second_one_publishes(client, app, sign_in):
    call = make_call()
    bidder = make_person(Role.BIDDER_LEAD)
    sign_in(client, make_officer(call))
    begun = client.post("/desk/challenges/new", data={"call": str(call.id), "title": TITLE})
    draft = only()
    assert begun.location == address(draft, "basics")
    refusal = client.post(f"/desk/challenges/{draft.id}/propose")
    assert refusal.status_code == 422
    linked = set(re.findall(r'href="[^"]*/edit/(\w+)#\w+"', refusal.text))
    assert linked == SHEET.keys() - {"money", "review", "team"} | {"money"}
    write_all(client, draft)
    page, stranger = f"/challenges/{draft.code}", app.test_client()
    assert stranger.get(page).status_code == 404
    assert client.post(f"/desk/challenges/{draft.id}/propose").status_code == 303
    assert stranger.get(page).status_code == 404
    proposal = db.session.scalars(select(Proposal)).one()
    approve = f"/desk/proposals/{proposal.id}/approve"
    assert client.post(approve).status_code == 403
    second = app.test_client()
    sign_in(second, make_officer(call))
    waits = second.get(f"/desk/challenges/{draft.id}/approval")
    assert approve in waits.text
    assert approve not in client.get(f"/desk/challenges/{draft.id}/approval").text
    name_custodians(draft)
    assert second.post(approve).status_code == 303
    for language in ("zh", "en"):
        shown = stranger.get(page, query_string={"lang": language})
        assert "0.3 mm" in shown.text
        assert "1,700.00" in shown.text
    assert draft.title in stranger.get("/challenges?stage=open&words=动作").text
    rules = only().rules
    assert (rules.winners, rules.race, rules.reviewers, rules.notice_days) == (2, True, 7, 5)
    assert rules.tranche_shares == (50, 30, 20)
    assert [kind.value for kind in rules.lead_kinds] == ["enterprise", "institute"]
    assert not rules.one_team_per_challenge
    topics = db.session.scalars(select(outbox.Event.topic)).all()
    assert topics == [outbox.Topic.CHALLENGE_PUBLISHED.value]
    for _ in range(2):
        service.tell_bidders(only().id, clock.now(db.session))
    told = [item.person_id for item in db.session.scalars(select(InboxItem))]
    assert told.count(bidder.id) == 1
    kinds = set(db.session.scalars(select(Entry.kind)))
    assert {"challenge.drafted", "challenge.proposed", "challenge.published"} <= kinds


def test_a_section_says_what_it_lacks_and_the_overview_leads_there(client, sign_in):
    draft = make_challenge(ip_terms="", closes_at=None)
    sign_in(client, make_officer(draft))
    overview = client.get(address(draft))
    assert f"{address(draft, 'terms')}#ip_terms" in overview.text
    assert f"{address(draft, 'dates')}#closes_at" in overview.text
    assert f"{address(draft, 'basics')}#" not in overview.text
    assert 'href="#ip_terms"' in client.get(address(draft, "terms")).text
    sections = [one.key for one in SECTIONS]
    assert [client.get(address(draft, key)).status_code for key in sections] == [200] * 9
    assert client.get(address(draft, "nonsense")).status_code == 404


def test_blank_sections_of_a_draft_are_kept_and_only_a_proposal_needs_all(client, sign_in):
    draft = make_challenge()
    sign_in(client, make_officer(draft))
    blank = typed(draft, "terms", **dict.fromkeys(SHEET["terms"], ""))
    sent = client.post(address(draft, "terms"), data=blank)
    assert sent.status_code == 303
    assert (only().ip_terms, only().contact_name) == ("", "")
    again = client.post(address(draft, "basics"), data=typed(only(), "basics", title=""))
    assert again.status_code == 422
    assert "请填写此项" in again.text


WRONG = {
    "basics": [
        ({"title": "长" * 201}, "最多 200"),
        ({"title_en": "x" * 201}, "最多 200"),
        ({"summary": "长" * 601}, "最多 600"),
        ({"background": "长" * 5001}, "最多 5000"),
        ({"trl_from": "10"}, "不能大于 9"),
        ({"trl_to": "many"}, "请填写整数"),
    ],
    "scenario": [({"scenario_access": "长" * 2001}, "最多 2000")],
    "money": [
        ({"issuer_type": "nobody"}, "issuer_type-error"),
        ({"city": "-1"}, "不能为负数"),
        ({"city": "many"}, "请填写数字"),
        ({"city": "NaN"}, "请填写数字"),
        ({"district": "-1e309"}, "不能为负数"),
        ({"enterprise": "1e309"}, "金额过大"),
        ({"social": "0.1234567"}, "最多 6"),
        ({"winners": "0"}, "不能小于 1"),
        ({"winners": ""}, "请填写此项"),
        ({"tranche_shares": "half, half"}, "以逗号分隔"),
    ],
    "team": [
        ({"lead_kinds": ["government"]}, "lead_kinds-error"),
        ({"partners_max": "21"}, "不能大于 20"),
    ],
    "dates": [
        ({"months": "1.5"}, "请填写整数"),
        ({"months": "0"}, "不能小于 1"),
        ({"months": "61"}, "不能大于 60"),
        ({"closes_at": "tomorrow"}, "请填写日期"),
        ({"closes_at": "2026-02-30T00:00"}, "请填写日期"),
    ],
    "indicators": [
        ({"indicators-0-value": ""}, "此处需要数值"),
        ({"indicators-0-value": "inf"}, "请填写数字"),
        ({"indicators-0-operator": "qualitative"}, "没有数值"),
        ({"indicators-0-operator": "between", "indicators-0-high": "0.1"}, "上限"),
        ({"indicators-0-high": "1"}, "上限"),
        ({"indicators-0-operator": "about"}, "operator-error"),
        ({"indicators-0-test_method": ""}, "请填写此项"),
        ({"indicators-0-unit": "长" * 41}, "最多 40"),
    ],
    "review": [
        ({"criteria-0-weight": "0"}, "不能小于 1"),
        ({"criteria-0-weight": "101"}, "不能大于 100"),
        ({"criteria-0-weight": ""}, "请填写此项"),
        ({"criteria-0-name": ""}, "请填写此项"),
        ({"pass_mark": "101"}, "不能大于 100"),
    ],
}


def rows() -> list[int]:
    tables = (Challenge, Indicator, ChallengeFund, Criterion, Entry, outbox.Event)
    return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]


@pytest.mark.parametrize("key", WRONG)
def test_bad_input_is_explained_at_its_field_kept_and_not_written(client, sign_in, key):
    draft = make_challenge()
    sign_in(client, make_officer(draft))
    before = rows()
    for changes, message in WRONG[key]:
        answer = client.post(address(draft, key), data=typed(draft, key, **changes))
        assert answer.status_code == 422, changes
        assert message in answer.text, changes
        for name, value in changes.items():
            is_choice = name.endswith(("operator", "issuer_type", "lead_kinds"))
            assert is_choice or escape(value) in answer.text, changes
        quiet = client.post(f"{address(draft, key)}/autosave", data=typed(draft, key, **changes))
        assert (quiet.status_code, quiet.json) == (422, {})
    assert rows() == before
    assert only().revision == 1


def test_what_is_typed_is_saved_without_the_button_and_says_when_and_by_whom(client, sign_in):
    draft, officer = make_challenge(), None
    officer = make_officer(draft)
    sign_in(client, officer)
    quiet = address(draft, "terms/autosave")
    first = client.post(quiet, data=typed(draft, "terms"))
    assert (first.status_code, first.json["revision"]) == (200, 2)
    assert officer.name in first.json["at"]
    assert re.search(r"\d\d:\d\d", first.json["at"])
    same = client.post(quiet, data=typed(only(), "terms"))
    assert same.json["revision"] == 2
    kinds = list(db.session.scalars(select(Entry.kind)))
    assert kinds.count("challenge.edited") == 1
    assert only().ip_terms == SHEET["terms"]["ip_terms"]
    assert officer.name in client.get(address(draft, "terms")).text


def test_a_lost_update_is_refused_and_both_texts_are_shown(client, app, sign_in):
    draft = make_challenge()
    other = app.test_client()
    sign_in(client, make_officer(draft))
    sign_in(other, make_officer(draft))
    theirs = typed(draft, "terms", ip_terms="归联合体共同所有。")
    assert other.post(address(draft, "terms"), data=theirs).status_code == 303
    mine = typed(draft, "terms", ip_terms="归发榜单位所有。")
    assert mine["seen"] == "2"
    mine["seen"] = "1"
    quiet = client.post(address(draft, "terms/autosave"), data=mine)
    assert quiet.status_code == 409
    refused = client.post(address(draft, "terms"), data=mine)
    assert refused.status_code == 409
    assert "归发榜单位所有。" in refused.text
    assert "归联合体共同所有。" in refused.text
    assert only().ip_terms == "归联合体共同所有。"
    assert re.search(r'name="seen"[^>]*value="2"', refused.text)
    mine["seen"] = "2"
    assert client.post(address(draft, "terms"), data=mine).status_code == 303
    assert only().ip_terms == "归发榜单位所有。"
    elsewhere = typed(draft, "scenario")
    elsewhere["seen"] = "1"
    assert client.post(address(draft, "scenario"), data=elsewhere).status_code == 303


def test_a_row_is_added_without_javascript_and_nothing_is_written(client, sign_in):
    draft = make_challenge()
    sign_in(client, make_officer(draft))
    before = rows()
    data = typed(draft, "review", add_criteria="1")
    answer = client.post(address(draft, "review"), data=data)
    assert 'name="criteria-2-name"' in answer.text
    assert rows() == before


def test_a_section_can_lead_on_to_the_next(client, sign_in):
    draft = make_challenge()
    sign_in(client, make_officer(draft))
    keys = [one.key for one in SECTIONS]
    for key, following in zip(keys, [*keys[1:], ""], strict=True):
        if key in SHEET:
            data = typed(only(), key, next="1")
            assert client.post(address(draft, key), data=data).location == address(draft, following)


def test_only_the_issuing_body_edits_and_nobody_after_proposing(client, app, sign_in):
    challenge = make_challenge()
    other = app.test_client()
    sign_in(other, make_officer(make_call()))
    assert other.get(address(challenge)).status_code == 404
    sign_in(client, make_officer(challenge))
    assert client.get(address(challenge)).status_code == 200
    client.post(f"/desk/challenges/{challenge.id}/propose")
    pages = [address(challenge), address(challenge, "terms"), address(challenge, "attachments")]
    assert [client.get(page).status_code for page in pages] == [403, 403, 403]
    posted = client.post(pages[1], data=typed(challenge, "terms"))
    assert posted.status_code == 403


def test_only_officers_reach_the_writing_desk(client, app, sign_in):
    call = make_call()
    draft = make_challenge(call=call)
    sign_in(client, make_officer(call))
    pages = ["/desk/challenges", "/desk/challenges/new", address(draft), address(draft, "basics")]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200, 200]
    begin = {"call": str(call.id), "title": TITLE}
    for role in (Role.BIDDER_LEAD, Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        other = app.test_client()
        sign_in(other, make_person(role))
        assert [other.get(page).status_code for page in pages] == [403, 403, 404, 404], role
        assert other.post(pages[1], data=begin).status_code == 403
        assert other.post(pages[3], data=typed(draft, "basics")).status_code == 404
        assert other.post(f"/desk/challenges/{draft.id}/propose").status_code == 404
        assert other.get(f"/challenges/{draft.code}").status_code == 404
    assert [app.test_client().get(page).status_code for page in pages] == [302] * 4


def test_a_challenge_begins_in_a_call_of_ones_own_with_its_usual_deadline(client, sign_in, now):
    call = make_call(closes_at=now + timedelta(days=60))
    sign_in(client, make_officer(call))
    for wrong in ({"call": str(make_call().id)}, {"call": "x' OR 1=1"}, {"title": " "}):
        data = {"call": str(call.id), "title": TITLE, **wrong}
        assert client.post("/desk/challenges/new", data=data).status_code == 422
    assert rows()[0] == 0
    client.post("/desk/challenges/new", data={"call": str(call.id), "title": TITLE})
    assert only().closes_at == call.closes_at
    assert sum(row.weight for row in only().criteria) == 100
