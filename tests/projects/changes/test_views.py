"""The pages of changes, races, endings and records: who sees what, and what comes back."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.access import Role
from portal.integrity.models import IntegrityRecord
from portal.projects.changes.models import Change
from portal.projects.changes.rules import ChangeKind, ChangeState
from portal.projects.endings.models import Ending
from portal.projects.rules import ProjectState
from tests.factories.accounts import make_organisation, make_person
from tests.factories.bids import PDF
from tests.factories.challenges import make_officer
from tests.factories.changes import (
    WORDS,
    make_change,
    make_ending,
    make_gate,
    make_race,
    make_record,
)
from tests.factories.projects import make_project

SignIn = Callable[[FlaskClient, Person], None]


def test_a_lead_asks_for_every_kind_of_change(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    project = make_project()
    row = project.indicators[0]
    row.promised_value = (row.asked_value or 1) * 2
    session.commit()
    sign_in(client, session.get_one(Person, project.bid.started_by))
    told: dict[ChangeKind, dict[str, object]] = {
        ChangeKind.TIME: {"months": "6"},
        ChangeKind.PEOPLE: {"leader": "欧阳明"},
        ChangeKind.PARTNER: {"partners": "甲公司\n乙研究院"},
        ChangeKind.BUDGET: {"of_testing": "1", "of_equipment": ""},
        ChangeKind.SOURCES: {},
        ChangeKind.INDICATOR: {"indicator": str(row.position), "value": str(row.asked_value)},
    }
    taken = {}
    for kind, fields in told.items():
        address = f"/projects/{project.code}/changes/{kind.value}"
        assert client.get(address).status_code == 200
        papers = (BytesIO(PDF), "说明.pdf")
        answer = client.post(address, data={**fields, "reason": WORDS, "papers": papers})
        taken[kind] = answer.status_code
    refused = (ChangeKind.BUDGET, ChangeKind.SOURCES)
    assert taken == {kind: 422 if kind in refused else 303 for kind in ChangeKind}
    page = client.get(f"/projects/{project.code}/changes").text
    assert "欧阳明" in page
    assert "乙研究院" in page


def test_the_district_reads_and_answers_a_change_without_seeing_the_project(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    project = make_project()
    amounts = {"amounts": {fund.source.value: str(fund.amount) for fund in project.funds}}
    change = make_change(project, ChangeKind.SOURCES, after=amounts)
    home = make_organisation(
        kind="government", level="district", district=project.challenge.call.cluster.district
    )
    officer = make_person(Role.DISTRICT_OFFICER, organisation=home)
    stranger = make_person(Role.BIDDER_LEAD)
    session.commit()
    sign_in(client, stranger)
    assert client.get(f"/changes/{change.id}").status_code == 404
    sign_in(client, officer)
    assert client.get(f"/projects/{project.code}").status_code == 404
    assert client.get(f"/changes/{change.id}").status_code == 200
    assert f"/changes/{change.id}" in client.get("/desk").text
    sent = {"voice": "district", "agrees": "no", "words": "短"}
    assert client.post(f"/changes/{change.id}/answer", data=sent).status_code == 422
    sent["words"] = WORDS
    unsaid = {**sent, "agrees": ""}
    assert client.post(f"/changes/{change.id}/answer", data=unsaid).status_code == 422
    assert client.post(f"/changes/{change.id}/answer", data=sent).status_code == 303
    session.refresh(change)
    assert change.state is ChangeState.REFUSED
    assert session.scalar(select(Change.decided_at)) is not None


def test_an_officer_decides_the_gate_that_rivals_do_not_see(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    lanes = make_race(2)
    gate, officer = make_gate(lanes[0]), make_officer(lanes[0].challenge)
    lanes[0].indicators[0].measured_value = lanes[0].indicators[0].asked_value
    session.commit()
    address = f"/challenges/{lanes[0].challenge.code}/race"
    sign_in(client, session.get_one(Person, lanes[0].bid.started_by))
    assert client.get(address).status_code == 404
    sign_in(client, officer)
    page = client.get(address)
    assert page.status_code == 200
    assert "<svg" in page.text
    sent = {}
    for place, lane in enumerate(lanes):
        outcome = "go_on" if place == 0 else "stop"
        sent |= {f"lanes-{place}-lane": str(lane.id), f"lanes-{place}-outcome": outcome}
        sent[f"lanes-{place}-into"] = ""
    assert client.post(f"/race-gates/{gate.id}/decide", data=sent).status_code == 422
    sent |= {f"lanes-{place}-reason": WORDS for place in (0, 1)}
    assert client.post(f"/race-gates/{gate.id}/decide", data=sent).status_code == 303
    session.expire_all()
    assert [lane.state for lane in lanes] == [ProjectState.ACTIVE, ProjectState.STOPPED]
    assert WORDS in client.get(address).text


def test_an_officer_suspends_ends_and_records_what_comes_back(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    project, ended = make_project(), make_project()
    claim = make_ending(ended).claims[0]
    officer, other = make_officer(project.challenge), make_officer(ended.challenge)
    session.commit()
    sign_in(client, officer)
    path = f"/projects/{project.code}"
    assert client.post(f"{path}/suspend", data={"reason": "短"}).status_code == 422
    assert client.post(f"{path}/suspend", data={"reason": WORDS}).status_code == 303
    assert client.post(f"{path}/resume", data={"answer": WORDS}).status_code == 303
    end = {"kind": "termination", "cause": "honest_failure", "reason": WORDS, "charged": "y"}
    assert client.post(f"{path}/end", data=end).status_code == 422
    del end["charged"]
    assert client.post(f"{path}/end", data=end).status_code == 303
    assert session.scalars(select(Ending).where(Ending.project_id == project.id)).one()
    assert client.get(f"{path}/ending").status_code == 200
    sign_in(client, other)
    day = now.date().isoformat()
    back = {"amount": "1", "document": "H-9", "received_on": day}
    address = f"/claw-backs/{claim.id}/received"
    assert client.post(address, data=back).status_code == 422
    sent = {**back, "file": (BytesIO(PDF), "回单.pdf")}
    assert client.post(address, data=sent).status_code == 303
    assert "H-9" in client.get(f"/projects/{ended.code}/ending").text


def test_a_charge_is_answered_by_the_organisation_and_decided_by_another(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    project = make_project()
    officer = make_officer(project.challenge)
    record = make_record(project.lead, project.challenge.call.issuer)
    session.commit()
    path = f"/integrity/{record.id}"
    sign_in(client, make_person(Role.BIDDER_LEAD))
    session.commit()
    assert client.get(path).status_code == 404
    sign_in(client, session.get_one(Person, project.bid.started_by))
    assert path in client.get("/desk").text
    assert client.post(f"{path}/answer", data={"answer": WORDS}).status_code == 303
    sign_in(client, officer)
    assert path in client.get("/desk").text
    assert client.post(f"{path}/impose", data={"decision": WORDS}).status_code == 303
    listed = client.get(f"/organisations/{project.lead_id}/integrity")
    assert path in listed.text
    charge = {"grounds": "misuse", "about": "示例项目", "reason": WORDS}
    answer = client.post(f"/organisations/{project.lead_id}/integrity", data=charge)
    assert answer.status_code == 303
    assert len(session.scalars(select(IntegrityRecord)).all()) == 2
