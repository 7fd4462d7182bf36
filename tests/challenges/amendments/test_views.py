"""The officers' workbench for an amendment and the notice that everybody reads."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.challenges.amendments import queries, service
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.rules import AmendmentState
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.workdays import PLACE
from tests.factories.accounts import make_person
from tests.factories.amendments import REASON, make_amendment, no_bids, officer_of
from tests.factories.challenges import make_call, make_challenge, make_officer
from tests.factories.questions import make_question

SignIn = Callable[[FlaskClient, Person], None]


def sheet(challenge: Challenge, **changes: str) -> dict[str, str]:
    """The editor's form as it stands, with what is typed anew."""
    assert challenge.closes_at is not None
    closes = challenge.closes_at.astimezone(PLACE) + timedelta(minutes=1)
    data = {
        "revision": "1",
        "title": challenge.title,
        "summary": challenge.summary,
        "background": challenge.background,
        "content": challenge.content,
        "deliverables": challenge.deliverables,
        "ip_terms": challenge.ip_terms,
        "contact_name": challenge.contact_name,
        "contact_phone": challenge.contact_phone,
        "issuer_type": "government",
        "scenario_site": challenge.scenario_site,
        "scenario_owner": challenge.scenario_owner,
        "scenario_use": challenge.scenario_use,
        "city": "600",
        "district": "200",
        "enterprise": "0",
        "social": "0",
        "months": "24",
        "closes_at": closes.strftime("%Y-%m-%dT%H:%M"),
        "winners": "1",
        "pass_mark": "70",
        "review_method": "online",
        "partners_max": "5",
        "own_ratio_min": "0",
    }
    for i, row in enumerate(challenge.indicators):
        data[f"indicators-{i}-name"] = row.name
        data[f"indicators-{i}-operator"] = row.operator.value
        data[f"indicators-{i}-value"] = str(row.value)
        data[f"indicators-{i}-unit"] = row.unit
        data[f"indicators-{i}-test_method"] = row.test_method
    for i, line in enumerate(challenge.criteria):
        data[f"criteria-{i}-name"] = line.name
        data[f"criteria-{i}-weight"] = str(line.weight)
    return {**data, **changes}


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
    typed = sheet(challenge, **{"indicators-1-value": "12", "content": "稀疏视点静态重建。"})
    assert client.post(f"{desk}/edit", data=typed).status_code == 303
    assert "≤ 12 路" in client.get(desk).text
    short = client.post(f"{desk}/propose", data={"reason": "太短"})
    assert short.status_code == 422
    assert "太短" in short.text
    assert client.post(f"{desk}/propose", data={"reason": REASON}).status_code == 303
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
    ({"title": ""}, 422),
    ({"months": "61"}, 422),
    ({"winners": "10"}, 422),
    ({"indicators-0-value": ""}, 422),
    ({"closes_at": "2020-01-01T00:00"}, 422),
    ({"revision": "7"}, 409),
]


@pytest.mark.parametrize(("wrong", "status"), WRONG)
def test_what_is_wrong_is_said_and_nothing_is_changed(
    client: FlaskClient, sign_in: SignIn, wrong: dict[str, str], status: int
) -> None:
    challenge = make_challenge(published=True)
    officer = make_officer(challenge)
    db.session.commit()
    made = service.start(actor_of(officer), challenge.id, clock.now(db.session))
    before = made.sheet
    sign_in(client, officer)
    answer = client.post(f"/desk/amendments/{made.id}/edit", data=sheet(challenge, **wrong))
    assert answer.status_code == status
    assert only().sheet == before
    if status == 422 and "scenario" not in wrong:
        assert challenge.scenario_use in answer.text, "nothing typed is lost"


def test_nobody_else_reaches_the_workbench(
    client: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    made = make_amendment(proposed=True)
    challenge, desk = made.challenge, f"/desk/amendments/{made.id}"
    pages = [desk, f"{desk}/edit", f"/desk/challenges/{challenge.id}/extend"]
    acts = [f"{desk}/{act}" for act in ("propose", "approve", "return", "drop")]
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
