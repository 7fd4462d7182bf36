"""The pages of an objection: who sees what, and what comes back after wrong input."""

from collections.abc import Callable
from io import BytesIO

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import Effect, ObjectionState
from portal.core.access import Role
from tests.factories.accounts import make_person
from tests.factories.awards import make_notice, make_objection
from tests.factories.bids import PDF
from tests.factories.challenges import make_officer

SignIn = Callable[[FlaskClient, Person], None]
TEXT = "牵头单位与出题单位存在关联关系,请核实其股权结构。"
SUMMARY = "有单位反映牵头单位与出题单位存在关联关系,经核实不成立。"


def as_another(client: FlaskClient, sign_in: SignIn, person: Person) -> None:
    client.post("/sign-out")
    sign_in(client, person)


def test_an_objection_with_files_is_examined_and_its_summary_is_public(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    notice = make_notice(published=True)
    objector = make_person(Role.BIDDER_LEAD, name="异议提出者")
    officer, examiner = make_officer(notice.challenge), make_officer(notice.challenge)
    session.commit()
    sign_in(client, objector)
    typed = {"text": TEXT, "evidence": [(BytesIO(PDF), "股权结构.pdf")]}
    client.post(f"/notices/{notice.id}/objections", data=typed)
    objection = session.scalars(select(Objection)).one()
    url, file_id = f"/objections/{objection.id}", objection.evidence[0].file_id
    evidence = f"/objections/evidence/{file_id}"
    assert client.get(evidence).data == PDF
    as_another(client, sign_in, officer)
    page = client.get(url).text
    assert TEXT in page
    assert objector.name not in page
    assert "股权结构.pdf" not in page
    assert client.get(evidence).status_code == 404
    for wrong in ({}, {"examiner": str(notice.decided_by), "days": "10"}, {"examiner": "x"}):
        assert client.post(f"{url}/accept", data=wrong).status_code == 422
    typed = {"examiner": str(examiner.id), "days": "10"}
    assert client.post(f"{url}/accept", data=typed).status_code == 303
    as_another(client, sign_in, examiner)
    assert objector.name in client.get(url).text
    assert client.get(evidence).data == PDF
    answer = {"verdict": "dismissed", "answer": TEXT, "summary": SUMMARY}
    assert client.post(f"{url}/answer", data=answer).status_code == 303
    client.post("/sign-out")
    shown = client.get(f"/notices/{notice.challenge.code}").text
    assert SUMMARY in shown
    assert TEXT not in shown
    assert objector.name not in shown


def test_an_answer_keeps_what_was_typed_until_it_is_right(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    notice = make_notice(published=True)
    examiner, winner = make_officer(notice.challenge), notice.winners[0]
    objection = make_objection(notice, examining=True, examiner_id=examiner.id)
    session.commit()
    sign_in(client, examiner)
    url = f"/objections/{objection.id}/answer"
    whole = {"verdict": "upheld", "answer": TEXT, "summary": SUMMARY}
    for typed in (
        {},
        {**whole, "verdict": "perhaps"},
        {**whole, "answer": "短句"},
        whole,
        {**whole, "effect": "replace"},
        {**whole, "effect": "nonsense"},
        {**whole, "effect": "replace", "bid_id": "nonsense"},
    ):
        page = client.post(url, data=typed)
        assert page.status_code == 422
        assert typed.get("answer", "") in page.text
    right = {**whole, "effect": "replace", "bid_id": str(winner.bid_id)}
    assert client.post(url, data=right).status_code == 303
    session.refresh(objection)
    assert (objection.state, objection.effect) == (ObjectionState.UPHELD, Effect.REPLACE)


def test_both_languages_show_every_state(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    notice = make_notice(published=True)
    officer = make_officer(notice.challenge)
    rows = [make_objection(notice), make_objection(notice, examining=True)]
    rows += [make_objection(notice, upheld=True), make_objection(notice, dismissed=True)]
    session.commit()
    sign_in(client, officer)
    for row in rows:
        for language in ("zh", "en"):
            page = client.get(f"/objections/{row.id}", query_string={"lang": language})
            assert page.status_code == 200
    assert (
        client.get(f"/challenges/{notice.challenge.code}/decision").text.count("/objections/") == 4
    )
