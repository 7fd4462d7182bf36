"""The officer's page says who is there, each custodian has their own, and nobody else has either."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.access import Role
from portal.core.jobs import Job
from tests.bids.test_views import pass_deadline
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.bids import make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.keys import PRINTED, make_custodians

SignIn = Callable[[FlaskClient, Person], None]


def test_an_opening_with_custodians_at_their_own_desks(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    challenge = make_bid_challenge()
    bid = make_sealed(challenge=challenge, partners=[])
    people = [make_officer(challenge), *make_custodians(), make_person(Role.CUSTODIAN)]
    team = session.get_one(Person, bid.started_by)
    officer, first, second, third, stranger, lead = (app.test_client() for _ in range(6))
    for browser, person in zip(
        (officer, first, second, third, stranger, lead), [*people, team], strict=True
    ):
        sign_in(browser, person)
    page = f"/challenges/{challenge.code}/opening"
    right = {"share": PRINTED[2].lower(), "password": PASSWORD}
    assert officer.post(f"{page}/begin").status_code == 409
    pass_deadline(session, challenge)
    for nobody in (stranger, lead):
        for path in ("share", "custodians"):
            assert nobody.get(f"{page}/{path}").status_code == 404
        assert nobody.post(f"{page}/begin").status_code == 404
    assert second.post(f"{page}/begin").status_code == 403
    assert second.post(f"{page}/share", data=right).status_code == 403
    assert 'name="password"' not in second.get(f"{page}/share").text
    assert officer.get(f"{page}/custodians").headers["HX-Refresh"] == "true"
    assert officer.post(f"{page}/begin").status_code == 303
    shown = officer.get(page)
    assert "hx-get" in shown.text
    assert people[2].name in shown.text
    assert officer.get(f"{page}/share").status_code == 404
    for wrong in ({}, {**right, "password": "wrong"}, {**right, "share": PRINTED[1]}):
        answer = second.post(f"{page}/share", data=wrong)
        assert answer.status_code == 422
        assert "-error" in answer.text
    mistyped = second.post(f"{page}/share", data={**right, "share": f"00000{PRINTED[2][5:]}"})
    assert "第1组" in mistyped.text
    assert second.post(f"{page}/share", data=right).status_code == 303
    for reader in (officer, third, first):
        assert reader.get(f"{page}/custodians").text.count("badge--done") == 1
    for secret in (PRINTED[2], PRINTED[2][:11]):
        assert secret not in officer.get(page).text
        assert secret not in second.get(f"{page}/share").text
    assert f"{page}/share" in third.get("/desk").text
    other = {"share": PRINTED[3], "password": PASSWORD}
    assert third.post(f"{page}/share", data=other).status_code == 303
    assert session.scalars(select(Job)).one().asked_by == people[0].id
    assert officer.get(f"{page}/custodians").headers["HX-Refresh"] == "true"
    assert f"/jobs/{session.scalars(select(Job.id)).one()}" in officer.get(page).text
    assert third.get(f"{page}/share").status_code == 200
    assert officer.post(f"{page}/cancel").status_code == 409
