"""The pages of a project: what each reader sees, and what comes back after wrong input."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.challenges.rules import Operator
from portal.core.access import Role
from portal.core.files import FileStore
from portal.projects import course
from portal.projects.acceptance.rules import Verdict
from portal.projects.course import Step
from portal.projects.funds.models import Receipt
from portal.projects.funds.rules import TrancheState
from portal.projects.milestones.rules import MilestoneState
from portal.projects.models import Project
from tests.factories.accounts import make_person
from tests.factories.bids import PDF
from tests.factories.challenges import make_officer
from tests.factories.projects import make_project

SignIn = Callable[[FlaskClient, Person], None]
WORDS = "样机完成集成,经第三方检测机构现场测试合格。"
MEASURED = {"how": WORDS, "tester": "示例检测中心", "tested_on": "2026-11-02"}
EFFECT = "首钢园示范线单镜头制作周期由十天缩短至两天。"


def pdf() -> tuple[BytesIO, str]:
    return BytesIO(PDF), "检测报告.pdf"


def lead_person(project: Project, session: Session) -> Person:
    return session.get_one(Person, project.bid.started_by)


@pytest.fixture
def as_lead(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> Callable[[Project], FlaskClient]:
    """Enter as the lead of the project's team."""

    def enter(project: Project) -> FlaskClient:
        person = lead_person(project, session)
        session.commit()
        sign_in(client, person)
        return client

    return enter


def test_a_stranger_finds_nothing_and_the_team_finds_all(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    project = make_project(reported=True)
    lead, stranger = lead_person(project, session), make_person(Role.BIDDER_LEAD)
    session.commit()
    paths = [
        f"/projects/{project.code}",
        f"/milestones/{project.milestones[0].id}/report",
        f"/evidence/{project.milestones[0].evidence[0].file_id}",
        f"/projects/{project.code}/indicators",
        f"/projects/{project.code}/acceptance",
    ]
    assert all(client.get(path).status_code == 302 for path in paths)
    sign_in(client, stranger)
    assert [client.get(path).status_code for path in paths] == [404] * 5
    assert project.title not in client.get("/projects").text
    client.post("/sign-out")
    sign_in(client, lead)
    assert [client.get(path).status_code for path in paths[:2]] == [200] * 2
    assert [client.get(path).status_code for path in paths[3:]] == [403, 200]
    assert project.title in client.get("/projects").text


def test_a_project_is_walked_to_its_measured_indicators_on_the_pages(
    client: FlaskClient, session: Session, sign_in: SignIn, store: FileStore
) -> None:
    project = make_project()
    lead, officer = lead_person(project, session), make_officer(project.challenge)
    session.commit()
    sign_in(client, lead)
    for milestone in project.milestones:
        page = client.post(
            f"/milestones/{milestone.id}/report",
            data={"report": WORDS, "evidence": [pdf(), pdf()]},
        )
        assert page.status_code == 303
    session.expire_all()
    assert len(project.milestones[0].evidence) == 2
    file_id = project.milestones[0].evidence[0].file_id
    assert client.get(f"/evidence/{file_id}").data == PDF
    own = {
        "source": "enterprise",
        "amount": "1.5",
        "document": "S-1",
        "received_on": "2026-01-05",
        "file": pdf(),
    }
    assert client.post(f"/projects/{project.id}/own-money", data=own).status_code == 303
    client.post("/sign-out")
    sign_in(client, officer)
    for milestone in project.milestones:
        assert client.post(f"/milestones/{milestone.id}/accept").status_code == 303
    for tranche in project.tranches:
        tranche.state = TrancheState.DUE
    session.commit()
    receipt = session.scalars(select(Receipt)).one()
    assert client.post(f"/own-money/{receipt.id}/confirm").status_code == 303
    for tranche in project.tranches:
        typed = {
            "amount": str(tranche.amount / 10000),
            "voucher": f"V{tranche.position}",
            "paid_on": "2026-01-05",
            "file": pdf(),
        }
        paid = client.post(f"/tranches/{tranche.id}/pay", data=typed)
        assert paid.status_code == 303
    for row in project.indicators:
        value = row.promised.value
        typed = {"indicator": str(row.id), "value": str(value), "evidence": pdf(), **MEASURED}
        measured = client.post(f"/projects/{project.code}/indicators", data=typed)
        assert measured.status_code == 303
    session.expire_all()
    assert [row.verdict for row in project.indicators] == [Verdict.MET] * len(project.indicators)
    assert Step.REQUEST in course.steps_of(project, project.started_at)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"report": "短", "evidence": ("pdf",)},
        {"report": "长" * 5001, "evidence": ("pdf",)},
        {"report": WORDS},
        {"report": WORDS, "evidence": (b"MZ not a pdf", "报告.pdf")},
        {"report": WORDS, "evidence": (b"", "空.pdf")},
        {"report": WORDS, "evidence": ("pdf",) * 11},
    ],
)
def test_a_wrong_report_comes_back_with_what_was_typed(
    session: Session, as_lead: Callable[[Project], FlaskClient], typed: dict[str, object]
) -> None:
    project = make_project()
    client, milestone = as_lead(project), project.milestones[0]
    data = dict(typed)
    files = data.pop("evidence", ())
    if files and files[0] == "pdf":  # type: ignore[index]
        data["evidence"] = [pdf() for _ in files]  # type: ignore[attr-defined]
    elif files:
        data["evidence"] = [(BytesIO(files[0]), files[1])]  # type: ignore[index]
    page = client.post(f"/milestones/{milestone.id}/report", data=data)
    assert page.status_code == 422
    assert "error-summary" in page.text
    assert str(typed.get("report", "")) in page.text
    session.refresh(milestone)
    assert milestone.state is MilestoneState.PLANNED
    assert not milestone.evidence


@pytest.mark.parametrize(
    ("typed", "file"),
    [
        ({}, True),
        ({"value": "三十", **MEASURED}, True),
        ({"value": "Infinity", **MEASURED}, True),
        ({"value": "1.1234567", **MEASURED}, True),
        ({"value": "30", **MEASURED, "how": "短"}, True),
        ({"value": "30", **MEASURED}, False),
        ({"value": "30", **MEASURED, "tested_on": "昨天"}, True),
    ],
)
def test_a_wrong_measurement_comes_back(
    session: Session,
    as_officer: Callable[[Project], FlaskClient],
    typed: dict[str, str],
    file: bool,
) -> None:
    project = make_project()
    client, row = as_officer(project), project.indicators[0]
    data = {**typed, "indicator": str(row.id), **({"evidence": pdf()} if file else {})}
    page = client.post(f"/projects/{project.code}/indicators", data=data)
    assert page.status_code == 422
    assert "error-summary" in page.text
    assert all(value in page.text for value in typed.values())
    session.refresh(row)
    assert row.met is None


def test_a_qualitative_indicator_is_judged(
    session: Session, as_officer: Callable[[Project], FlaskClient]
) -> None:
    project = make_project()
    row = project.indicators[0]
    row.operator, row.asked_value, row.promised_value = Operator.QUALITATIVE, None, None
    client, url = as_officer(project), f"/projects/{project.code}/indicators"
    assert 'type="radio"' in client.get(url, query_string={"indicator": str(row.id)}).text
    typed = {"indicator": str(row.id), **MEASURED}
    assert client.post(url, data={**typed, "evidence": pdf()}).status_code == 422
    answer = client.post(url, data={**typed, "met": "not_met", "evidence": pdf()})
    assert answer.status_code == 303
    session.refresh(row)
    assert row.met is False
    nowhere = {**typed, "indicator": "nonsense", "met": "not_met", "evidence": pdf()}
    assert client.post(url, data=nowhere).status_code == 404
