"""The pages of the formal check: the officer's list and decisions, the team's correction and reply."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.bids.checks import queries
from portal.bids.rules import BidState
from portal.core.access import Role
from portal.core.files import FileStore
from tests.bids.pages import text_of, values_of
from tests.factories.accounts import make_person
from tests.factories.bids import PDF, make_bid
from tests.factories.challenges import make_officer

SignIn = Callable[[FlaskClient, Person], None]
WHY = "联合揭榜协议未加盖公章。"


def test_an_officer_answers_item_by_item_and_two_answers_at_once_are_both_shown(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, store: FileStore
) -> None:
    store.put(PDF)
    bid = make_bid(opened=True)
    first, second = make_officer(bid.challenge), make_officer(bid.challenge)
    auditor = make_person(Role.AUDITOR)
    sign_in(client, first)
    other, reader = app.test_client(), app.test_client()
    sign_in(other, second)
    sign_in(reader, auditor)
    page = f"/bids/{bid.id}/check"
    assert client.get(page).status_code == reader.get(page).status_code == 200
    credit = f"{page}/items/credit"
    mine = {"verdict": "fails", "remark": "信用记录缺失", "seen": "0"}
    assert reader.post(credit, data=mine).status_code == 403
    assert client.post(f"{page}/items/nothing", data=mine).status_code == 404
    assert client.post(credit, data={"seen": "0"}).status_code == 422
    silent = client.post(credit, data={**mine, "remark": ""})
    assert (silent.status_code, "请写明问题" in text_of(silent)) == (422, True)
    assert client.post(f"{page}/take").status_code == 303
    assert client.post(credit, data=mine).status_code == 303
    theirs = {"verdict": "holds", "remark": "我查过了", "seen": "0"}
    both = other.post(credit, data=theirs)
    assert both.status_code == 409
    assert "信用记录缺失" in text_of(both)
    assert "我查过了" in text_of(both)
    assert other.post(credit, data={**theirs, "seen": "1"}).status_code == 303
    board = other.get(f"/challenges/{bid.challenge.code}/opening")
    assert first.name in text_of(board)
    for item in ("agreement", "substance", "file:0"):  # the factory's PDF has no page
        assert client.post(f"{page}/items/{item}", data=theirs).status_code == 303
    assert reader.post(f"{page}/pass").status_code == 403
    assert client.post(f"{page}/pass").status_code == 303
    session.expire_all()
    assert bid.state is BidState.ELIGIBLE
    assert client.get(page).status_code == 200
    assert client.post(credit, data={**mine, "seen": "2"}).status_code == 409


def test_the_team_sees_what_to_correct_and_how_to_reply_and_strangers_see_nothing(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, store: FileStore
) -> None:
    store.put(PDF)
    bid = make_bid(opened=True)
    first, second = make_officer(bid.challenge), make_officer(bid.challenge)
    browsers = [app.test_client() for _ in range(3)]
    officer, lead, stranger = browsers
    for browser, person in zip(
        browsers,
        (first, session.get_one(Person, bid.started_by), make_person(Role.BIDDER_LEAD)),
        strict=True,
    ):
        sign_in(browser, person)
    sign_in(client, second)
    page, own = f"/bids/{bid.id}/check", f"/bids/{bid.id}/formal-check"
    assert lead.get(own).status_code == 200
    assert lead.get(page).status_code == 403
    assert stranger.get(own).status_code == stranger.get(page).status_code == 404
    asked = {"sections": ["route", "people"], "remark": WHY, "days": "3"}
    assert officer.post(f"{page}/correction", data={**asked, "remark": ""}).status_code == 422
    assert officer.post(f"{page}/correction", data=asked).status_code == 303
    assert WHY in text_of(lead.get(own))
    waiting = text_of(officer.get(f"/challenges/{bid.challenge.code}/opening"))
    assert "补正期限未满" in waiting
    unchanged = lead.post(f"{own}/correction", data={"answer": "已改"})
    assert (unchanged.status_code, "尚无改动" in text_of(unchanged)) == (422, True)
    assert stranger.post(f"{own}/correction").status_code == 404
    assert lead.get(f"/bids/{bid.id}/edit/outline").status_code in (403, 409)
    form = lead.get(f"/bids/{bid.id}/edit/route")
    assert form.status_code == 200
    typed = {"seen": values_of(form, "seen")[0], "route": "补充后的路线"}
    assert lead.post(f"/bids/{bid.id}/edit/route", data=typed).status_code == 303
    assert lead.post(f"{own}/correction", data={"answer": "已改"}).status_code == 303
    fails = {"verdict": "fails", "remark": WHY, "seen": "0"}
    assert officer.post(f"{page}/items/agreement", data=fails).status_code == 303
    assert officer.post(f"{page}/refuse", data={"reason": "短"}).status_code == 422
    assert officer.post(f"{page}/refuse", data={"reason": WHY}).status_code == 303
    assert WHY in text_of(lead.get(own))
    assert lead.post(f"{own}/reply", data={"text": "短"}).status_code == 422
    assert lead.post(f"{own}/reply", data={"text": "协议第三页已盖章,见附件。"}).status_code == 303
    decision = {"upheld": "yes", "decision": "经复核,协议确已盖章。"}
    assert officer.post(f"{page}/reply", data=decision).status_code == 403
    assert client.post(f"{page}/reply", data=decision).status_code == 303
    session.expire_all()
    assert bid.state is BidState.ELIGIBLE
    assert queries.waits(session, bid.challenge_id, bid.changed_at) == []
    assert "经复核" in text_of(lead.get(own))
