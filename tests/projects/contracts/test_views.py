"""The pages of a contract: the document, what is left to do, a change with its difference, /verify."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.projects.contracts import rules, todo
from portal.projects.contracts.models import Contract
from portal.projects.contracts.rules import ContractState
from portal.projects.contracts.terms import Clause, Part
from portal.projects.rules import ProjectState
from tests.factories.contracts import (
    actor_for,
    add_version,
    later,
    make_contract,
    party,
    person_of,
)
from tests.factories.projects import make_project

SignIn = Callable[[FlaskClient, Person], None]


@pytest.fixture
def enter(client: FlaskClient, session: Session, sign_in: SignIn) -> Callable[..., FlaskClient]:
    """Come in as somebody who acts for a party."""

    def come(contract: Contract, part: Part) -> FlaskClient:
        person = person_of(party(contract, part))
        session.commit()
        sign_in(client, person)
        return client

    return come


def address(contract: Contract, more: str = "") -> str:
    return f"/projects/{contract.project.code}/contract{more}"


def typed(contract: Contract, **changes: str) -> dict[str, str]:
    """The change form as a browser sends it."""
    terms = contract.version.terms
    sent = {"seen": str(contract.number), "signing_share": str(terms.signing_share)}
    sent["reason"] = "经双方协商调整进度安排。"
    for place, row in enumerate(terms.indicators):
        value = "" if row.promised_value is None else format(row.promised_value, "f")
        sent[f"indicators-{place}-promised_value"] = value
        sent[f"indicators-{place}-test_method"] = row.test_method
    for place, step in enumerate(terms.milestones):
        sent[f"milestones-{place}-month"] = str(step.month)
        sent[f"milestones-{place}-share"] = str(step.share)
        sent[f"milestones-{place}-deliverable"] = step.deliverable
    return {**sent, **{clause.value: terms.clauses[clause] for clause in Clause}, **changes}


def test_the_lead_changes_the_text_and_the_difference_is_shown_word_by_word(
    enter: Callable[..., FlaskClient], session: Session
) -> None:
    contract = make_contract()
    client = enter(contract, Part.LEAD)
    page = client.get(address(contract, "/change"))
    assert page.status_code == 200
    wrong = client.post(address(contract, "/change"), data=typed(contract, signing_share="10"))
    assert wrong.status_code == 422
    assert "110" in wrong.text
    assert "合计须为 100" in wrong.text
    before = contract.version.terms.clauses[Clause.DISPUTES]
    after = before.replace("人民法院", "仲裁委员会")
    sent = client.post(address(contract, "/change"), data=typed(contract, disputes=after))
    assert sent.status_code == 303
    session.expire_all()
    assert contract.number == 2
    shown = client.get(address(contract, "/versions/2")).text
    assert "人民法院</del>" in shown.replace('<span class="visually-hidden">]</span>', "")
    assert "仲裁委员会" in shown
    assert client.get(address(contract, "/versions/3")).status_code == 404


def test_a_form_that_was_opened_before_another_change_overwrites_nothing(
    enter: Callable[..., FlaskClient], session: Session
) -> None:
    contract = make_contract()
    client, old = enter(contract, Part.LEAD), typed(contract, disputes="协商解决,不成则提请仲裁。")
    add_version(contract, later(contract.version.terms))
    session.commit()
    assert client.post(address(contract, "/change"), data=old).status_code == 409
    del old["milestones-1-month"], old["milestones-1-share"], old["milestones-1-deliverable"]
    assert client.post(address(contract, "/change"), data=old).status_code == 409


def test_the_page_offers_to_each_what_is_left_for_them(
    enter: Callable[..., FlaskClient], session: Session, now: datetime
) -> None:
    contract = make_contract()
    client = enter(contract, Part.ISSUER)
    assert "/freeze" in client.get(address(contract)).text
    seen = {"seen": "1"}
    assert client.post(f"/contracts/{contract.id}/freeze", data=seen).status_code == 303
    client = enter(contract, Part.OWNER)
    page = client.get(address(contract)).text
    own = party(contract, Part.OWNER)
    assert page.count("/confirm") == 1
    assert f"/contracts/parties/{own.id}/confirm" in page
    proof = {"fingerprint": contract.version.fingerprint}
    stale = {"fingerprint": "0" * 64}
    path = f"/contracts/parties/{own.id}/confirm"
    assert client.post(path, data=stale).status_code == 409
    assert client.post(path, data=proof).status_code == 303
    assert "/confirm" not in client.get(address(contract)).text
    assert client.get(f"/projects/{contract.project.code}").status_code == 404
    assert [item.endpoint for item in todo.open_items(session, actor_for(contract, Part.LEAD), now)]
    assert todo.open_items(session, actor_for(contract, Part.OWNER), now) == []


def test_everybody_who_scans_a_signed_contract_is_told_what_it_is(
    client: FlaskClient, session: Session
) -> None:
    contract = make_contract(signed=True)
    other = make_contract(frozen=True)
    session.commit()
    page = client.get(f"/verify?paper={contract.version.fingerprint}").text
    assert contract.project.code in page
    assert "任务书" in page
    for unknown in (other.version.fingerprint, "0" * 64, "nonsense"):
        answer = client.get(f"/verify?paper={unknown}")
        assert answer.status_code == 200
        assert "平台没有此指纹对应的文件" in answer.text


def test_the_text_on_paper_before_and_after_signing(
    enter: Callable[..., FlaskClient], session: Session
) -> None:
    contract = make_contract()
    client = enter(contract, Part.PARTNER)
    answer = client.get(address(contract, "/paper"))
    assert answer.data.startswith(b"%PDF")
    assert contract.version.fingerprint[:12] in answer.headers["Content-Disposition"]
    assert contract.state is ContractState.NEGOTIATING


def test_the_desk_says_what_waits_and_when_it_is_late(session: Session) -> None:
    contract = make_contract()
    who = actor_for(contract, Part.ISSUER)
    (item,) = todo.open_items(session, who, contract.sign_by)
    assert (item.endpoint, item.tone, item.due) == ("contracts.shown", "late", contract.sign_by)
    contract.state = ContractState.LAPSED
    session.flush()
    (item,) = todo.open_items(session, who, contract.sign_by)
    assert (item.endpoint, item.tone) == ("contracts.shown", "late")


def test_a_refusal_leads_the_officer_to_a_later_date_or_to_the_next_in_order(
    session: Session, enter: Callable[..., FlaskClient]
) -> None:
    contract = make_contract(frozen=True, project=make_project(state=ProjectState.SIGNING))
    client = enter(contract, Part.PARTNER)
    path = f"/contracts/parties/{party(contract, Part.PARTNER).id}/refuse"
    assert path in client.get(address(contract)).text
    assert client.post(path, data={"refusal": "短"}).status_code == 422
    why = "本单位技术负责人已离职,无法按任务书的要求投入。"
    assert client.post(path, data={"refusal": why}).status_code == 303
    office = enter(contract, Part.ISSUER)
    page = office.get(address(contract)).text
    assert why in page
    own = f"/contracts/{contract.id}"
    seen = rules.last_day(contract.sign_by)
    wrong = {"seen": "x", "until": str(seen + timedelta(days=3)), "reason": why}
    assert office.post(f"{own}/extend", data=wrong).status_code == 409
    assert (
        office.post(f"{own}/extend", data={**wrong, "seen": seen, "until": seen}).status_code == 422
    )
    assert office.post(f"{own}/extend", data={**wrong, "seen": seen}).status_code == 303
    assert "/freeze" in office.get(address(contract)).text
    contract.state, contract.project.state = ContractState.LAPSED, ProjectState.LAPSED
    session.commit()
    assert office.post(f"{own}/next", data={"why": "短"}).status_code == 422
    sent = office.post(f"{own}/next", data={"why": why})
    assert sent.location == f"/challenges/{contract.project.challenge.code}/decision"
    assert office.get(sent.location).status_code == 200
    assert office.get(address(contract)).status_code == 200
