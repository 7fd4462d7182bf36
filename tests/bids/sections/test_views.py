"""The pages of the sections: what comes back after wrong input, what is missing, two at once."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.bids.models import Bid
from portal.bids.rules import PartnerState
from portal.core.access import Role
from tests.bids.pages import SHEET, counts, home_of, text_of, typed, write
from tests.factories.accounts import make_person
from tests.factories.bids import PDF, make_bid, make_partner, make_version

SignIn = Callable[[FlaskClient, Person], None]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def desk(client: FlaskClient, session: Session, sign_in: SignIn) -> Bid:
    """A complete draft, and its lead signed in."""
    bid = make_bid(partners=[make_partner(), make_partner()])
    bid.partners[1].state = PartnerState.INVITED
    session.commit()
    sign_in(client, session.get_one(Person, bid.started_by))
    return bid


# (A file above the limit: tests/core/test_web.py, which sends it without a copy on the disk.)
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": "长" * 201}, "最多 200"),
    ({"summary": "长" * 3001}, "最多 3000"),
    ({"route": "长" * 20001}, "最多 20000"),
    ({"risks-0-risk": "长" * 1001}, "最多 1000"),
    ({"risks-0-likelihood": "maybe"}, ""),
    ({"members-0-name": "长" * 101}, "最多 100"),
    ({"members-0-share": "0"}, "不能小于 1"),
    ({"members-0-share": "101"}, "不能大于 100"),
    ({"members-0-share": "-1"}, "不能小于 1"),
    ({"members-0-share": "半天"}, "请填写整数"),
    ({"members-0-share": "60.5"}, "请填写整数"),
    ({"promises-0-value": "很快"}, "请填写数字"),
    ({"promises-0-value": "NaN"}, "请填写数字"),
    ({"promises-0-value": "1e309"}, "不能大于"),
    ({"promises-0-value": "1.1234567"}, "最多 6"),
    ({"promises-0-how": "长" * 1001}, "最多 1000"),
    ({"milestones-0-month": "0"}, "不能小于 1"),
    ({"milestones-0-month": "601"}, "不能大于 600"),
    ({"milestones-0-month": "下月"}, "请填写整数"),
    ({"milestones-0-share": "101"}, "不能大于 100"),
    ({"milestones-0-deliverable": "长" * 501}, "最多 500"),
    ({"budget-0-amount": "-1"}, "不能为负数"),
    ({"budget-0-amount": "-1e309"}, "不能为负数"),
    ({"budget-1-amount": "inf"}, "请填写数字"),
    ({"budget-2-amount": "99999999999999"}, "金额过大"),
    ({"budget-1-amount": "三百"}, "请填写数字"),
    ({"budget-0-category": "gold"}, ""),
    ({"budget-0-year": "51"}, "不能大于 50"),
    ({"members-0-birth_year": "零"}, "请填写整数"),
    ({"milestones-0-indicators": "第一项"}, "请填写指标序号"),
    ({"scenario": "长" * 8001}, "最多 8000"),
]


def test_wrong_input_has_its_message_keeps_what_was_typed_and_writes_nothing(
    client: FlaskClient, session: Session, desk: Bid
) -> None:
    before = counts(session)
    draft, changed_at = desk.terms, desk.changed_at
    for changes, message in WRONG:
        name, value = next(iter(changes.items()))
        section = home_of(name)
        answer = write(client, desk, section, **changes)
        assert answer.status_code == 422, changes
        page = text_of(answer)
        assert message in page, changes
        assert f'id="{name}-error"' in page, changes
        kept = [text for key, text in SHEET[section].items() if key != name]
        if not name.endswith(("likelihood", "category")):
            kept.append(value)
        assert all(text in page for text in kept), changes
        session.expire_all()
        assert counts(session) == before, changes
    assert (desk.terms, desk.changed_at) == (draft, changed_at)


def test_a_file_that_is_none_is_refused_at_its_field(
    client: FlaskClient, session: Session, desk: Bid
) -> None:
    address, before = f"/bids/{desk.id}/edit/attachments", counts(session)
    for data, message in ((PNG, "不在接受范围"), (b"%PDF", "不在接受范围"), (b"", "文件是空的")):
        answer = client.post(address, data={"document": (BytesIO(data), "方案.pdf")})
        assert answer.status_code == 422
        assert message in answer.text
        assert 'id="document-error"' in answer.text
    for data, message in ((b"MZ" * 40, "不在接受范围"), (b"", "文件是空的")):
        sent = {"kind": "licence", "title": "营业执照", "file": (BytesIO(data), "执照.exe")}
        answer = client.post(address, data=sent)
        assert answer.status_code == 422
        assert message in answer.text
        assert "营业执照" in answer.text
    session.expire_all()
    assert counts(session) == before


INCOMPLETE: list[tuple[dict[str, str], str, str]] = [
    ({"title": " "}, "title", "请填写此项"),
    ({"other_funding": ""}, "other_funding", "请填写此项"),
    ({"promises-0-value": "29"}, "promises-0-value", "≥ 30 帧/秒"),
    ({"promises-1-value": "17"}, "promises-1-value", "≤ 16 路"),
    ({"promises-0-value": ""}, "promises-0-value", "请填写此项"),
    ({"promises-0-how": ""}, "promises-0-how", "请填写此项"),
    ({"milestones-0-share": "59"}, "milestones", "99"),
    ({"milestones-1-month": "25"}, "milestones-1-month", "24"),
    ({"milestones-1-month": "12"}, "milestones-1-month", "晚于"),
    ({"budget-0-amount": "600.01", "budget-2-amount": "701"}, "budget", "600.00"),
    ({"budget-1-amount": "201", "budget-2-amount": "600"}, "budget", "200.00"),
    ({"budget-2-year": "3"}, "budget-2-year", "实施期限为 2 年"),
    ({"budget-1-category": "equipment", "budget-1-source": "city"}, "budget-1-category", "合并"),
    ({"members-0-duty": ""}, "members-0-duty", "请填写此项"),
    ({"members-0-share": ""}, "members-0-share", "请填写此项"),
    ({"members-0-birth_year": "2025"}, "members-0-birth_year", "18 岁至 80 岁"),
    ({"members-0-role": "core"}, "members", "有且仅有一名"),
    ({"risks-0-answer": ""}, "risks-0-answer", "请填写此项"),
]


def test_an_incomplete_bid_is_kept_but_not_handed_in_and_says_where(
    client: FlaskClient, session: Session, desk: Bid
) -> None:
    desk.partners[1].state = PartnerState.DECLINED
    session.commit()
    for section in SHEET:
        assert write(client, desk, section).status_code == 303, section
    for changes, name, message in INCOMPLETE:
        session.expire_all()
        section = home_of(next(iter(changes)))
        assert write(client, desk, section, **changes).status_code == 303, changes
        session.expire_all()
        before = counts(session)
        answer = client.post(f"/bids/{desk.id}/submit")
        assert answer.status_code == 422, changes
        page = text_of(answer)
        assert f'href="/bids/{desk.id}/edit/{section}#{name}"' in page, changes
        assert message in page, changes
        form = client.get(f"/bids/{desk.id}/edit/{section}").text
        assert f'id="{name}"' in form, changes
        assert counts(session) == before
        assert write(client, desk, section).status_code == 303, changes


def test_rows_are_added_without_javascript_and_nothing_is_written(
    client: FlaskClient, session: Session, desk: Bid
) -> None:
    before = counts(session)
    for table, row in (("members", 1), ("milestones", 2), ("budget", 3), ("risks", 1)):
        section = home_of(table)
        page = write(client, desk, section, **{f"add_{table}": "1"})
        assert page.status_code == 200
        assert f'name="{table}-{row}-' in page.text
        assert all(text in page.text for text in SHEET[section].values())
    assert counts(session) == before


def test_two_editors_of_a_section_see_both_texts_and_choose(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, desk: Bid
) -> None:
    other = app.test_client()
    sign_in(other, make_person(Role.BIDDER_LEAD, organisation=desk.lead))
    mine = typed(desk, "outline", title="我的题目", summary="我的摘要")
    address = f"/bids/{desk.id}/edit/outline"
    assert write(other, desk, "outline", title="同事的题目").status_code == 303
    answer = client.post(address, data=mine)
    assert answer.status_code == 409
    page = text_of(answer)
    assert all(text in page for text in ("我的题目", "同事的题目", "我的摘要", "自研引擎。"))
    assert 'name="choice:title"' in page
    session.expire_all()
    assert desk.terms.title == "同事的题目"
    chosen = {**mine, "seen": typed(desk, "outline")["seen"], "choice:title": "theirs"}
    assert client.post(address, data={**chosen, "seen": "nonsense"}).status_code == 409
    assert client.post(address, data=chosen).status_code == 303
    session.expire_all()
    assert (desk.terms.title, desk.terms.summary) == ("同事的题目", "我的摘要")


def test_different_sections_never_collide(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, desk: Bid
) -> None:
    other = app.test_client()
    sign_in(other, make_person(Role.BIDDER_LEAD, organisation=desk.lead))
    forms = {section: typed(desk, section) for section in SHEET}
    for number, (section, data) in enumerate(forms.items()):
        browser = (client, other)[number % 2]
        assert browser.post(f"/bids/{desk.id}/edit/{section}", data=data).status_code == 303
    session.expire_all()
    assert (desk.terms.title, desk.terms.scenario) == ("稀疏视点动态重建方案", "分两步部署。")


def test_a_section_saves_by_itself_with_the_same_check(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, desk: Bid
) -> None:
    address = f"/bids/{desk.id}/edit/route/autosave"
    first = typed(desk, "route", route="一边写一边存")
    saved = client.post(address, data=first)
    assert saved.status_code == 200
    assert saved.get_json()["revision"] == 1
    session.expire_all()
    assert desk.terms.route == "一边写一边存"
    stale = client.post(address, data={**first, "route": "另一个窗口"})
    assert stale.status_code == 409
    assert "已保留" in stale.get_json()["why"]
    assert client.post(address, data={**first, "route": "长" * 20001}).status_code == 422
    stranger = app.test_client()
    sign_in(stranger, make_person(Role.BIDDER_LEAD))
    assert stranger.post(address, data=first).status_code == 404
    session.expire_all()
    assert desk.terms.route == "一边写一边存"


def test_whoever_owns_a_section_writes_it_and_no_other(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, desk: Bid
) -> None:
    member = make_person(Role.PARTNER, organisation=desk.partners[0].organisation)
    session.commit()
    browser = app.test_client()
    sign_in(browser, member)
    assert write(browser, desk, "route").status_code == 403
    address = f"/bids/{desk.id}/edit/route/owner"
    assert browser.post(address, data={"owner": str(member.id)}).status_code == 403
    outsider = make_person(Role.PARTNER)
    session.commit()
    for nobody in (str(outsider.id), "somebody"):
        assert client.post(address, data={"owner": nobody}).status_code == 422
    assert client.post(address, data={"owner": str(member.id)}).status_code == 303
    assert write(browser, desk, "route").status_code == 303
    assert write(browser, desk, "outline").status_code == 403
    overview = browser.get(f"/bids/{desk.id}/edit").text
    assert f'href="/bids/{desk.id}/edit/route"' in overview
    assert f'href="/bids/{desk.id}/edit/outline"' not in overview
    assert member.name in client.get(f"/bids/{desk.id}/edit").text
    assert client.post(address, data={"owner": ""}).status_code == 303
    assert browser.get(f"/bids/{desk.id}/edit/route").status_code == 403


def test_files_come_and_go_and_stay_with_the_version_that_had_them(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, desk: Bid
) -> None:
    desk.partners[1].state = PartnerState.DECLINED
    session.commit()
    address = f"/bids/{desk.id}/edit/attachments"
    sent = {"kind": "licence", "title": "营业执照", "file": (BytesIO(PDF), "执照.pdf")}
    assert client.post(address, data=sent).status_code == 303
    session.expire_all()
    (attached,) = desk.terms.attachments
    link = f"/bids/{desk.id}/attachments/{attached.file_id}"
    assert link in client.get(address).text
    assert client.get(link).data == PDF
    stranger = app.test_client()
    sign_in(stranger, make_person(Role.BIDDER_LEAD))
    assert stranger.get(link).status_code == 404
    assert client.get(f"/bids/{desk.id}/attachments/{desk.draft_file_id}").status_code == 404
    assert client.post(f"{address}/{attached.file_id}/remove").status_code == 303
    assert client.get(link).status_code == 404
    assert client.post(f"{address}/{attached.file_id}/remove").status_code == 404


def test_the_team_reads_what_a_correction_changed_and_nothing_of_what_was_sealed(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    bid = make_bid(opened=True)
    bid.terms = replace(bid.terms, route="先算法后样机。再试运行。")
    make_version(bid)
    sealed = make_bid(submitted=True, lead=bid.lead, started_by=bid.started_by)
    make_version(sealed)
    session.commit()
    sign_in(client, session.get_one(Person, bid.started_by))
    page = client.get(f"/bids/{bid.id}/versions/2/changes")
    assert page.status_code == 200
    assert "<ins>" in page.text
    assert "再试运行。" in page.text
    assert f"/bids/{bid.id}/versions/2/changes" in client.get(f"/bids/{bid.id}").text
    for number in (0, 1, 3):
        assert client.get(f"/bids/{bid.id}/versions/{number}/changes").status_code == 404
    assert client.get(f"/bids/{sealed.id}/versions/2/changes").status_code == 404
    assert "/changes" not in client.get(f"/bids/{sealed.id}").text
    stranger = app.test_client()
    sign_in(stranger, make_person(Role.BIDDER_LEAD))
    assert stranger.get(f"/bids/{bid.id}/versions/2/changes").status_code == 404
