"""The officers' workbench for an amendment and the notice that everybody reads."""

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.challenges.amendments import queries, service
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.rules import AmendmentState
from portal.challenges.models import Challenge
from portal.challenges.sections import SECTIONS
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.workdays import PLACE
from tests.challenges.amendments.pages import section
from tests.factories.accounts import make_person
from tests.factories.amendments import REASON, make_amendment, no_bids, officer_of
from tests.factories.challenges import (
    make_attachment,
    make_call,
    make_challenge,
    make_officer,
)
from tests.factories.questions import make_question

SignIn = Callable[[FlaskClient, Person], None]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SITE = {"scenario_access": "夜间开放,须提前报备。"}


def only() -> Amendment:
    return db.session.scalars(select(Amendment)).one()


def test_two_officers_amend_and_everybody_reads_the_difference(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    challenge = make_challenge(published=True)
    second, stranger = app.test_client(), app.test_client()
    sign_in(client, make_officer(challenge))
    sign_in(second, make_officer(challenge))
    begun = client.post(f"/desk/challenges/{challenge.id}/amendments")
    desk = f"/desk/amendments/{only().id}"
    assert begun.location == desk
    assert "尚未修改" in client.get(desk).text
    for key, changes in (("indicators", {"indicators-1-value": "12"}), ("scenario", SITE)):
        typed = section(client, f"{desk}/edit/{key}", **changes)
        assert client.post(f"{desk}/edit/{key}", data=typed).status_code == 303
    assert "≤ 12 路" in client.get(desk).text
    short = client.post(f"{desk}/propose", data={"reason": "太短", "seen": "3"})
    assert short.status_code == 422
    assert "太短" in short.text
    assert client.post(f"{desk}/propose", data={"reason": REASON, "seen": "3"}).status_code == 303
    assert client.post(f"{desk}/approve", data={"seen": "x"}).status_code == 403
    assert second.post(f"{desk}/approve", data={"seen": "x"}).status_code == 422
    notice = f"/challenges/{challenge.code}/amendments/1"
    assert stranger.get(notice).status_code == 404
    seen = service.stamp_of(only())
    assert second.post(f"{desk}/approve", data={"seen": seen}).status_code == 303
    for language in ("zh", "en"):
        page = stranger.get(notice, query_string={"lang": language})
        assert page.status_code == 200
        assert "≤ 16 路" in page.text
        assert "≤ 12 路" in page.text
        assert REASON in page.text
    changed = app.test_client().get(notice).text
    assert "[删去：" in changed, "a screen reader is told what colour and stroke say"
    assert "重建输出" not in changed, "what stays is not in the notice"
    assert notice in stranger.get(f"/challenges/{challenge.code}").text
    assert client.get(desk).location == notice
    assert stranger.get(f"{notice[:-1]}2").status_code == 404


WRONG = [
    ("basics", {"title": ""}, 422),
    ("dates", {"months": "61"}, 422),
    ("dates", {"closes_at": "2020-01-01T00:00"}, 422),
    ("dates", {"closes_at": ""}, 422),
    ("dates", {"question_days": "8"}, 422),
    ("dates", {"notice_days": "6"}, 422),
    ("money", {"winners": "10"}, 422),
    ("indicators", {"indicators-0-value": ""}, 422),
    ("scenario", {**SITE, "seen": "0"}, 303),
]


@pytest.mark.parametrize(("key", "wrong", "status"), WRONG)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_changed(
    client: FlaskClient, sign_in: SignIn, key: str, wrong: dict[str, str], status: int
) -> None:
    challenge = make_challenge(published=True)
    officer = make_officer(challenge)
    db.session.commit()
    made = service.start(actor_of(officer), challenge.id, clock.now(db.session))
    before = made.sheet
    sign_in(client, officer)
    address = f"/desk/amendments/{made.id}/edit/{key}"
    typed = section(client, address, **wrong)
    answer = client.post(address, data=typed)
    assert answer.status_code == status
    if status == 422:
        (name, value) = next(iter(wrong.items()))
        assert f'id="{name}-error"' in answer.text
        assert value in answer.text, "nothing typed is lost"
        quiet = client.post(f"{address}/autosave", data=typed)
        assert (quiet.status_code, quiet.json) == (422, {})
        assert only().sheet == before


def test_what_is_typed_is_saved_by_itself_and_a_lost_update_shows_both_texts(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    made = make_amendment()
    other = app.test_client()
    sign_in(client, make_officer(made.challenge))
    sign_in(other, make_officer(made.challenge))
    terms, basics = (f"/desk/amendments/{made.id}/edit/{key}" for key in ("terms", "basics"))
    mine = section(client, terms, ip_terms="归发榜单位所有。")
    theirs = section(other, terms, ip_terms="归联合体共同所有。")
    elsewhere = section(client, basics, summary="另一段摘要。")
    first = other.post(f"{terms}/autosave", data=theirs)
    assert first.status_code == 200
    assert (first.json or {})["revision"] == 3
    assert only().sheet["ip_terms"] == theirs["ip_terms"]
    again = other.post(f"{terms}/autosave", data={**theirs, "seen": "3"})
    assert (again.json or {})["revision"] == 3
    assert client.post(f"{terms}/autosave", data=mine).status_code == 409
    refused = client.post(terms, data=mine)
    assert refused.status_code == 409
    assert mine["ip_terms"] in refused.text
    assert theirs["ip_terms"] in refused.text
    assert only().sheet["ip_terms"] == theirs["ip_terms"]
    assert client.post(basics, data=elsewhere).status_code == 303, "another section is no hindrance"
    assert client.post(terms, data={**mine, "seen": "4"}).status_code == 303
    assert only().sheet["ip_terms"] == mine["ip_terms"]
    assert challenge_is_untouched(made.challenge)


def test_the_reason_is_saved_by_itself_and_not_overwritten_unread(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    made = make_amendment()
    other = app.test_client()
    sign_in(client, make_officer(made.challenge))
    sign_in(other, make_officer(made.challenge))
    desk = f"/desk/amendments/{made.id}"
    mine, theirs = (
        section(browser, desk, reason=text) for browser, text in ((client, REASON), (other, "待补"))
    )
    saved = other.post(f"{desk}/reason/autosave", data=theirs)
    assert (saved.status_code, only().reason) == (200, "待补")
    assert "待补" in client.get(desk).text
    assert client.post(f"{desk}/reason/autosave", data=mine).status_code == 409
    refused = client.post(f"{desk}/propose", data=mine)
    assert refused.status_code == 409
    assert REASON in refused.text
    assert "待补" in refused.text
    assert only().state is AmendmentState.DRAFT
    assert client.post(f"{desk}/propose", data={**mine, "seen": "3"}).status_code == 303
    assert only().reason == REASON
    assert client.post(f"{desk}/reason/autosave", data={**mine, "seen": "3"}).status_code == 403


def challenge_is_untouched(challenge: Challenge) -> bool:
    db.session.expire_all()
    return challenge.ip_terms.startswith("新产生的") and challenge.amended == 0


def test_every_section_of_the_editor_can_be_amended_and_leads_on(
    client: FlaskClient, sign_in: SignIn
) -> None:
    made = make_amendment()
    sign_in(client, make_officer(made.challenge))
    base = f"/desk/amendments/{made.id}"
    desk = client.get(base).text
    for one in SECTIONS:
        assert f"{base}/edit/{one.key}" in desk
        assert client.get(f"{base}/edit/{one.key}").status_code == 200
    assert client.get(f"{base}/edit/nonsense").status_code == 404
    typed = section(client, f"{base}/edit/team", lead_kinds=["institute"], next="1")
    assert client.post(f"{base}/edit/team", data=typed).location == f"{base}/edit/review"
    typed = section(client, f"{base}/edit/terms", next="1")
    assert client.post(f"{base}/edit/terms", data=typed).location == base
    for language, told in (("zh", "揭榜条件收紧"), ("en", "becomes narrower")):
        assert told in client.get(base, query_string={"lang": language}).text
    assert only().sheet["lead_kinds"] == ["institute"]


def test_nobody_else_reaches_the_workbench(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    made = make_amendment(proposed=True)
    challenge, desk = made.challenge, f"/desk/amendments/{made.id}"
    pages = [desk, f"/desk/challenges/{challenge.id}/extend"]
    pages += [f"{desk}/edit/{one.key}" for one in SECTIONS]
    acts = [f"{desk}/{act}" for act in ("propose", "approve", "return", "drop")]
    acts += [
        f"{desk}/reason/autosave",
        f"{desk}/edit/terms",
        f"{desk}/edit/terms/autosave",
        f"{desk}/papers/{'a' * 64}/remove",
    ]
    acts.append(f"/desk/challenges/{challenge.id}/amendments")
    sign_in(client, make_officer(challenge))
    assert client.get(desk).status_code == 200
    others = (
        make_officer(make_call()),
        make_person(Role.BIDDER_LEAD),
        make_person(Role.AUDITOR),
    )
    for person in others:
        browser = app.test_client()
        sign_in(browser, person)
        assert {browser.get(page).status_code for page in pages} == {404}
        assert {browser.post(act).status_code for act in acts} == {404}
    stranger = app.test_client()
    assert {stranger.get(page).status_code for page in pages} == {302}
    assert only().state is AmendmentState.PROPOSED


def test_a_paper_is_replaced_and_the_old_one_stays_at_the_notice(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    challenge = make_challenge(published=True)
    old = make_attachment(challenge, app.extensions["portal_files"])
    made = make_amendment(challenge)
    sign_in(client, make_officer(challenge))
    base = f"/desk/amendments/{made.id}"
    page, anybody = f"{base}/edit/attachments", app.test_client()

    def send(**changes: Any) -> TestResponse:
        data = {"instead_of": old.file.sha256, "title": "", **changes}
        return client.post(page, data={"file": (io.BytesIO(PDF), "新图纸.pdf"), **data})

    for wrong in ({"instead_of": "0" * 64}, {"instead_of": ""}, {"file": (io.BytesIO(b"MZ"), "x")}):
        assert send(**wrong).status_code == 422
    assert send().status_code == 303
    digest = hashlib.sha256(PDF).hexdigest()
    assert only().sheet["attachments"] == [{"title": old.title, "sha256": digest}]
    desk = client.get(base).text
    for told in (old.file.name, "新图纸.pdf", old.file.sha256[:12], digest[:12]):
        assert told in desk
    new = queries.waiting_papers(db.session, made.id)[0]
    notice = f"/challenges/{challenge.code}/amendments/1"
    files = [f"{notice}/papers/{one.id}" for one in (old, new)]
    assert [anybody.get(one).status_code for one in files] == [404, 404]
    assert client.get(f"{base}/papers/{new.id}").data == PDF
    assert anybody.get(f"{base}/papers/{new.id}").status_code == 302
    assert anybody.get(f"/challenges/{challenge.code}/papers/{new.id}").status_code == 404
    now, first, second = clock.now(db.session), officer_of(challenge), officer_of(challenge)
    db.session.commit()
    service.propose(first, made.id, REASON, now)
    service.approve(second, made.id, service.stamp_of(made), no_bids, now)
    for language in ("zh", "en"):
        read = anybody.get(notice, query_string={"lang": language}).text
        assert all(one in read for one in (*files, digest[:12], old.file.sha256[:12]))
    assert [anybody.get(one).data for one in files] == [b"%PDF-1.4 ", PDF]
    present = f"/challenges/{challenge.code}/papers/"
    assert anybody.get(f"{present}{new.id}").data == PDF
    assert anybody.get(f"{present}{old.id}").status_code == 404
    make_amendment(challenge, applied=True, months=36)
    assert anybody.get(f"{notice[:-1]}2/papers/{old.id}").status_code == 404


def test_an_amendment_is_given_back_and_dropped(client: FlaskClient, sign_in: SignIn) -> None:
    made = make_amendment(proposed=True)
    desk = f"/desk/amendments/{made.id}"
    sign_in(client, make_officer(made.challenge))
    remarks = {"remarks": "检测方法请写明标准。"}
    assert client.post(f"{desk}/return", data=remarks).status_code == 303
    page = client.get(desk).text
    assert remarks["remarks"] in page
    assert REASON in page
    assert client.post(f"{desk}/drop").status_code == 303
    assert only().state is AmendmentState.DROPPED
    assert client.get(desk).status_code == 200


def test_the_deadline_is_extended_through_the_page(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    challenge = make_challenge(published=True)
    assert challenge.closes_at is not None
    address = f"/desk/challenges/{challenge.id}/extend"
    sign_in(client, make_officer(challenge))
    assert address in client.get(f"/challenges/{challenge.code}").text
    local = challenge.closes_at.astimezone(PLACE)
    sooner = {"closes_at": f"{local - timedelta(days=1):%Y-%m-%dT%H:%M}", "reason": REASON}
    refused = client.post(address, data=sooner)
    assert refused.status_code == 422
    assert sooner["closes_at"] in refused.text
    later = {**sooner, "closes_at": f"{local + timedelta(days=9):%Y-%m-%dT%H:%M}"}
    assert client.post(address, data=later).status_code == 303
    desk, second = f"/desk/amendments/{only().id}", app.test_client()
    sign_in(second, make_officer(challenge))
    assert "延期" in second.get(desk).text
    seen = service.stamp_of(only())
    assert second.post(f"{desk}/approve", data={"seen": seen}).status_code == 303
    page = app.test_client().get(f"/challenges/{challenge.code}")
    assert f"{local + timedelta(days=9):%Y-%m-%d %H:%M}" in page.text
    assert queries.in_force(db.session, challenge.id)[0].number == 1


def test_the_second_officer_finds_the_amendment_from_the_desk(
    client: FlaskClient, sign_in: SignIn
) -> None:
    made = make_amendment(proposed=True)
    assert officer_of(made.challenge)
    sign_in(client, make_officer(made.challenge))
    assert f"/desk/amendments/{made.id}" in client.get("/desk").text
    assert f"/desk/amendments/{made.id}" in client.get(f"/challenges/{made.challenge.code}").text


def test_an_answer_leads_to_the_amendment_that_it_became(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    challenge = make_challenge(published=True)
    question = make_question(challenge, number=1, amends=True)
    address = f"/challenges/{challenge.code}"
    made = make_amendment(challenge, proposed=True)
    sign_in(client, make_officer(challenge))
    assert question.answer in client.get(f"/desk/amendments/{made.id}").text
    assert f"{address}/amendments/1" not in app.test_client().get(address).text
    second, now = officer_of(challenge), clock.now(db.session)
    db.session.commit()
    service.approve(second, made.id, service.stamp_of(made), no_bids, now)
    page = app.test_client().get(address).text
    assert page.count(f"{address}/amendments/1") == 2, "in the list and at the answer"
