"""The pages of an assignment: an officer's way to the release, and a reviewer's one answer."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.models import Bid
from portal.challenges.models import Call
from portal.core import jobs
from portal.reviews import todo
from portal.reviews.allotment import queries
from portal.reviews.allotment.rules import OrderKind, Wanted
from portal.reviews.allotment.service import KIND
from portal.reviews.conflicts.models import NamedTie
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState
from tests.factories.accounts import make_person
from tests.factories.allotments import (
    bids_of,
    make_call,
    make_released,
    make_scenario,
    newest,
    officer_for,
    places,
    worked,
)

Enter = Callable[[Person], FlaskClient]
ASKED = {"reviews": "2", "technical": "0", "industry": "0", "finance": "0", "fair": "y"}


def person_of(session: Session, person_id: object) -> Person:
    return session.get_one(Person, person_id)


def test_an_officer_asks_looks_orders_solves_again_compares_and_releases(
    session: Session, enter: Enter
) -> None:
    call = make_call()
    officer, page = officer_for(call), f"/calls/{call.number}/allotment"
    browser = enter(person_of(session, officer.user_id))
    assert browser.post(page, data={**ASKED, "lines-0-codes": "炼金术"}).status_code == 422
    typed = {"lines-0-codes": "52020 人工智能", "lines-1-codes": "计算机科学技术"}
    job_page = browser.post(page, data={**ASKED, **typed}).location
    assert "/jobs/" in job_page
    _work(session, call)
    assert newest(call).topics == {
        str(one.id): codes for one, codes in zip(places(call), (["52020"], ["520"]), strict=True)
    }
    shown = browser.get(f"{page}/1").text
    assert shown.count("<svg") == 2
    assert "学科相同" in shown
    bid = bids_of(call)[0]
    one = f"{page}/1/bids/{bid}"
    told = browser.get(one).text
    expert = re.findall(r'<option value="([0-9a-f-]{36})"', told)[0]
    assert browser.post(one, data={"expert": expert, "reason": "不合适"}).status_code == 422
    order = {"expert": expert, "kind": "ban", "reason": "近期与团队有合作洽谈"}
    assert browser.post(one, data=order).location == page
    assert [row.kind for row in queries.orders(session, newest(call).id)] == [OrderKind.BAN]
    browser.post(page, data={**ASKED, **typed})
    _work(session, call)
    assert "份方案的专家不同" in browser.get(f"{page}/compared?one=1&other=2").text
    assert browser.get(f"{page}/2/instance.json").json["bids"][0]["reviews"] == 2
    assert f"{page}/2/release" in browser.get(f"{page}/2").text
    assert browser.post(f"{page}/2/release").status_code == 303
    assert "/release" not in browser.get(f"{page}/2").text


def _work(session: Session, call: Call) -> None:
    job = jobs.latest(session, KIND, newest(call).subject_ref)
    assert job is not None
    worked(job)


def test_two_experts_are_exchanged_on_the_page_and_an_order_is_taken_back(
    session: Session, enter: Enter
) -> None:
    call = make_call()
    officer = officer_for(call)
    scenario = make_scenario(call, officer, Wanted(reviews=2, fair=False, load_most=2))
    browser, bid = enter(person_of(session, officer.user_id)), bids_of(call)[0]
    page = f"/calls/{call.number}/allotment"
    told = browser.get(f"{page}/1/bids/{bid}").text
    other = re.findall(r'<option value="([0-9a-f-]{36} [0-9a-f-]{36})"', told)[0]
    own = next(p.reviewer_id for p in queries.pairs(session, scenario.id) if p.bid_id == bid)
    swap = {"own": str(own), "other": other, "reason": "互换后更合适"}
    assert browser.post(f"{page}/1/bids/{bid}", data=swap).status_code == 303
    assert len(queries.orders(session, scenario.allotment_id)) == 4
    assert browser.post(f"{page}/orders/{bid}/{own}/take-back").status_code == 303
    assert len(queries.orders(session, scenario.allotment_id)) == 3


def test_what_is_lacking_is_on_the_page(session: Session, enter: Enter) -> None:
    call = make_call(experts=2)
    officer = officer_for(call)
    make_scenario(call, officer, Wanted(reviews=3, fair=False))
    shown = enter(person_of(session, officer.user_id)).get(f"/calls/{call.number}/allotment/1").text
    assert "可评审该方案的专家只来自 2 个单位，需要 3 个。" in shown
    assert "请补充其他单位的专家" in shown
    assert "/release" not in shown


def test_a_stratum_that_is_short_is_named(session: Session, enter: Enter) -> None:
    call = make_call()
    officer = officer_for(call)
    make_scenario(call, officer, Wanted(reviews=4, fair=False, minima={"finance": 3}))
    shown = enter(person_of(session, officer.user_id)).get(f"/calls/{call.number}/allotment/1").text
    assert "“财务”类专家只有 2 位" in shown


def test_a_reviewer_answers_once_for_all_bids_of_the_call(session: Session, enter: Enter) -> None:
    call = make_call(experts=4)
    make_released(call, officer_for(call))
    seats = queries.seats_of(session, call.id, queries.Seat.state == SeatState.INVITED)
    reviewer = seats[0].reviewer.person
    browser, page = enter(reviewer), f"/calls/{call.number}/invitation"
    to_do = todo.open_items(session, actor_of(reviewer), seats[0].invited_at)
    assert [one.endpoint for one in to_do] == ["allotment_invitations.invitation"]
    shown = browser.get(page).text
    lines = len(set(re.findall(r'name="(lines-\d+-tie)"', shown)))
    held = [s for s in seats if s.reviewer_id == seats[0].reviewer_id]
    assert lines == sum(len(seat.given) for seat in held)
    assert browser.post(page, data={}).status_code == 422
    answers = {f"lines-{row}-tie": "none" for row in range(lines)}
    assert browser.post(page, data=answers).status_code == 303
    assert browser.get(page).status_code == 404
    assert enter(make_person()).get(page).status_code == 404


def test_a_reviewer_declines_all_of_it_with_a_reason(session: Session, enter: Enter) -> None:
    call = make_call(experts=4)
    make_released(call, officer_for(call))
    seats = queries.seats_of(session, call.id, queries.Seat.state == SeatState.INVITED)
    browser, page = enter(seats[0].reviewer.person), f"/calls/{call.number}/invitation"
    assert browser.post(f"{page}/decline", data={"reason": ""}).status_code == 422
    assert browser.post(f"{page}/decline", data={"reason": "近期出差在外"}).status_code == 303
    session.expire_all()
    own = [one.state for one in seats if one.reviewer_id == seats[0].reviewer_id]
    assert set(own) == {SeatState.DECLINED}


def test_a_solution_that_is_cancelled_is_not_being_solved(session: Session, enter: Enter) -> None:
    call = make_call(challenges=1)
    officer, page = officer_for(call), f"/calls/{call.number}/allotment"
    browser = enter(person_of(session, officer.user_id))
    browser.post(page, data={**ASKED, "lines-0-codes": "52020"})
    assert browser.get(page).text.count("求解中") == 1
    job = jobs.latest(session, KIND, newest(call).subject_ref)
    assert job is not None
    jobs.cancel(officer, job.id, job.created_at)
    for shown in (browser.get(page).text, browser.get(f"{page}/1").text):
        assert ("求解中" in shown, "已撤销" in shown) == (False, True)


def test_in_a_blind_challenge_no_team_is_named_and_ties_are_named_in_the_one_answer(
    session: Session, enter: Enter
) -> None:
    call = make_call(experts=4)
    blind = places(call)[0]
    blind.settings = {**blind.settings, "blind_review": True}
    names = [one.bid.lead.name for one in queries.versions(session, [blind.id])]
    session.commit()
    make_released(call, officer_for(call))
    seats = queries.seats_of(session, call.id, queries.Round.challenge_id == blind.id)
    browser, page = enter(seats[0].reviewer.person), f"/calls/{call.number}/invitation"
    shown = browser.get(page).text
    assert not [name for name in names if name in shown]
    open_lines = sorted(set(re.findall(r'name="(lines-\d+-tie)"', shown)))
    answers = dict.fromkeys(open_lines, "none")
    assert browser.post(page, data=answers).status_code == 422
    assert browser.post(page, data={**answers, "add_ties": "1"}).text.count("-organisation") > 2
    tied = session.get_one(Bid, seats[0].given[0].bid_id)
    named = {"ties-0-kind": "kin", "ties-0-organisation": tied.lead.name, "complete": "y"}
    assert browser.post(page, data={**answers, **named}).status_code == 422
    named["ties-0-words"] = "配偶任该单位副总经理。"
    assert browser.post(page, data={**answers, **named}).status_code == 303
    session.expire_all()
    own = Seat.reviewer_id == seats[0].reviewer_id
    held = queries.seats_of(session, call.id, own)
    assert {seat.state for seat in held} <= {SeatState.ACCEPTED, SeatState.CONFLICTED}
    assert tied.id not in {one.bid_id for seat in held for one in seat.given}
    assert session.scalars(select(NamedTie.organisation)).all() == [tied.lead.name]
