"""A bid on paper: all that it says stands there as it was typed, and nothing typed is a command."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
import typst
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.bids import versions
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.core.access import Role
from portal.core.typeset import FONTS, pdf
from tests.factories.accounts import make_person
from tests.factories.bids import make_bid, make_version
from tests.factories.challenges import make_officer

SignIn = Callable[[FlaskClient, Person], None]
AT = datetime(2026, 6, 1, tzinfo=UTC)
MARKUP = [
    '#panic("打断")',
    '#read("/etc/passwd")',
    "#{ 1 + 1 }",
    "$ x^2 $ *粗* _斜_ `代码` = 标题",
    '"), #import "x.typ": *',
    "\\u{4e2d} // 注释 /* 注释 */ <标签> @引用",
    "]#[",
]


def words(data: bytes) -> str:
    """What stands in a PDF, without the breaks of its lines."""
    document = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(pages).split())


def paper(text: str, body: str = "") -> bytes:
    cells = [[text, "2"]]
    table = {
        "kind": "table",
        "title": text,
        "columns": [text, "乙"],
        "widths": [3, 1],
        "rows": cells,
    }
    data = {
        "title": text, "author": text, "lang": "zh", "head": text, "state": text, "kicker": text,
        "facts": [[text, text]], "blocks": [{"kind": "text", "title": text, "text": body or text}, table],
    }  # fmt: skip
    return pdf("bid", data, AT)


@pytest.mark.parametrize("typed", MARKUP)
def test_what_people_type_is_set_as_it_is_and_never_carried_out(typed: str) -> None:
    found = words(paper(typed))
    assert found.count("".join(typed.split())) >= 8


@settings(max_examples=50, deadline=None)
@given(text=st.text("#[](){}$*_`\\\"'<>@=/~-+:;甲乙 1\n\x07😀", max_size=30))
def test_no_text_breaks_the_document(text: str) -> None:
    made = paper(text)
    assert made.startswith(b"%PDF-")
    assert b"pdfaid" in made


def test_the_same_bid_is_the_same_file_in_pages_with_numbers() -> None:
    long = "稀疏视点动态重建。\n" * 200
    first = paper("题目", long)
    assert paper("题目", long) == first
    pages = len(pypdfium2.PdfDocument(first))
    assert pages > 3
    assert f"{pages}/{pages}" in words(first)


def test_chinese_needs_no_font_of_the_machine_and_a_strange_character_breaks_nothing() -> None:
    own = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
    data = {"title": "题目", "author": "某司", "lang": "zh", "head": "", "state": "", "kicker": ""}
    for text, is_archival in (("稀疏视点≥30㎡", True), ("表情😀生僻", False)):
        blocks = [{"kind": "text", "title": "路线", "text": text}]
        made = pdf("bid", {**data, "facts": [["牵头", "某司"]], "blocks": blocks}, AT, own)
        assert (b"pdfaid" in made) is is_archival
        assert text.split("😀")[0] in words(made)


def test_the_team_takes_its_bid_in_one_click_and_a_stranger_nothing(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    bid = make_bid()
    bid.terms = replace(bid.terms, route="先#panic()后$样机$。")
    session.commit()
    sign_in(client, session.get_one(Person, bid.started_by))
    answer = client.get(f"/bids/{bid.id}/paper")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    found = words(answer.data)
    terms = bid.terms
    told = [terms.title, terms.summary, terms.route, terms.scenario, terms.ownership]
    told += [row.name for row in terms.members] + [row.title for row in terms.milestones]
    told += [bid.lead.name, bid.challenge.title, terms.risks[0].answer, "草稿", "项目负责人"]
    assert [text for text in told if "".join(text.split()) not in found] == []
    stranger = app.test_client()
    sign_in(stranger, make_person(Role.BIDDER_LEAD))
    assert stranger.get(f"/bids/{bid.id}/paper").status_code == 404
    handed_in: Bid = make_bid(opened=True, lead=bid.lead, started_by=bid.started_by)
    session.commit()
    found = words(client.get(f"/bids/{handed_in.id}/paper").data)
    assert handed_in.versions[0].commit in found
    assert "第1版" in found


def test_the_team_takes_the_version_that_its_draft_still_says_and_all_that_is_open(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    bid = make_bid(submitted=True)
    told = ["改用实时渲染。", "写到一半的草稿。"]
    bid.terms = replace(bid.terms, route=told[0])
    make_version(bid)
    session.commit()
    sign_in(client, session.get_one(Person, bid.started_by))
    code, second = bid.challenge.code, bid.versions[1]
    address = f"/bids/{bid.id}/versions/2/paper"

    def is_whole() -> None:
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        name = f"filename={code}-v2-{second.commit[:12]}.pdf"
        assert name in answer.headers["Content-Disposition"]
        found = words(answer.data)
        assert {told[0] in found, second.commit in found, "第2版" in found} == {True}
        assert told[1] not in found
        assert "草稿20" not in found

    is_whole()
    assert address in client.get(f"/bids/{bid.id}").text
    for number, code_of in ((1, 409), (3, 404)):
        other = f"/bids/{bid.id}/versions/{number}/"
        assert client.get(f"{other}paper").status_code == code_of
        assert client.get(f"{other}document").status_code == code_of
    bid.terms = replace(bid.terms, route=told[1])
    session.commit()
    assert told[1] in words(client.get(f"/bids/{bid.id}/paper").data)
    page = client.get(f"/bids/{bid.id}").text
    assert address not in page, "only the receipt remains"
    assert f"/bids/{bid.id}/versions/2/receipt" in page
    assert client.get(address).status_code == 409
    outside = [
        make_person(Role.BIDDER_LEAD),
        make_officer(bid.challenge),
        make_person(Role.AUDITOR),
    ]
    browsers = [app.test_client() for _ in outside]
    for browser, person in zip(browsers, outside, strict=True):
        sign_in(browser, person)
        assert browser.get(address).status_code == 404
    nonce = bytes.fromhex(second.kept_nonce)
    bid.terms = replace(bid.terms, route=told[0])
    versions.fill(second, versions.content_of(bid), nonce)
    bid.terms = replace(bid.terms, route=told[1])
    bid.state = BidState.OPENED
    session.commit()
    is_whole()
    for browser in browsers:
        assert browser.get(address).status_code == 404
    assert client.get(f"/bids/{bid.id}/versions/1/paper").status_code == 409
