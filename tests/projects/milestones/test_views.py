"""Pages of a milestone: the draft that saves itself, decisions, experts, and evidence."""

from collections.abc import Callable
from io import BytesIO

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.projects.milestones.models import Milestone
from portal.projects.milestones.rules import MilestoneState, OpinionState
from portal.projects.models import Project
from tests.factories.bids import PDF
from tests.factories.milestones import make_milestone_opinion
from tests.factories.projects import make_project

SignIn = Callable[[FlaskClient, Person], None]
WORDS = "关键指标已由第三方检测机构在现场复测,结果附后。"


def pdf() -> tuple[BytesIO, str]:
    return BytesIO(PDF), "检测报告.pdf"


def test_what_is_typed_is_kept_and_handed_in_with_its_files(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    project = make_project()
    milestone, row = project.milestones[0], project.indicators[0]
    milestone.shows = [str(row.indicator_id)]
    lead = session.get_one(Person, project.bid.started_by)
    session.commit()
    sign_in(client, lead)
    url = f"/milestones/{milestone.id}"
    typed = {
        "report": "刚开始写",
        "seen": "0",
        "values-0-indicator": str(row.id),
        "values-0-value": "28.5",
        "values-0-how": "",
    }
    saved = client.post(f"{url}/draft", data=typed)
    assert (saved.status_code, saved.json["revision"]) == (200, 1)
    assert client.post(f"{url}/draft", data={**typed, "report": "别处"}).status_code == 409
    assert client.post(f"{url}/draft", data={**typed, "report": "长" * 5001}).status_code == 422
    page = client.get(f"{url}/report").text
    assert "刚开始写" in page
    assert 'value="28.5"' in page
    whole = {**typed, "report": WORDS, "evidence": [pdf()]}
    refused = client.post(f"{url}/report", data=whole)
    assert refused.status_code == 422
    assert (
        client.post(
            f"{url}/report", data={**whole, "evidence": [pdf()], "values-0-file": pdf()}
        ).status_code
        == 303
    )
    session.refresh(milestone)
    assert milestone.state is MilestoneState.REPORTED
    file_id = milestone.values[0].file_id
    assert client.get(f"/evidence/{file_id}").data == PDF


def test_rework_and_failure_need_their_words(
    session: Session, as_officer: Callable[[Project], FlaskClient]
) -> None:
    project = make_project(reported=True)
    milestone = project.milestones[0]
    client, url = as_officer(project), f"/milestones/{milestone.id}"
    for typed in ({}, {"answer": WORDS}, {"answer": WORDS, "until": "2020-01-01T10:00"}):
        assert client.post(f"{url}/rework", data=typed).status_code == 422
    assert client.post(f"{url}/fail", data={"answer": "不行"}).status_code == 422
    assert client.post(f"{url}/accept", data={"answer": "长" * 2001}).status_code == 422
    assert client.post(f"{url}/pass-over", data={"answer": WORDS}).status_code == 409
    assert client.post(f"{url}/fail", data={"answer": WORDS}).status_code == 303
    page = client.get(f"{url}/report").text
    for away in ("/ending#suspend", "/ending?end=1#end"):
        assert away in page
    assert client.post(f"{url}/pass-over", data={"answer": "短"}).status_code == 422
    assert client.post(f"{url}/pass-over", data={"answer": WORDS}).status_code == 303
    session.refresh(milestone)
    assert milestone.state is MilestoneState.PASSED_OVER


def test_a_visit_is_recorded_with_photographs(
    session: Session, as_officer: Callable[[Project], FlaskClient]
) -> None:
    project = make_project(reported=True)
    milestone = project.milestones[0]
    client, url = as_officer(project), f"/milestones/{milestone.id}"
    seen = {"visited_on": "2026-01-05", "people": "张三", "findings": WORDS}
    assert client.post(f"{url}/visit", data={**seen, "findings": "短"}).status_code == 422
    assert client.post(f"{url}/visit", data={**seen, "visited_on": "2099-01-01"}).status_code == 422
    answer = client.post(f"{url}/visit", data={**seen, "photographs": [pdf(), pdf()]})
    assert answer.status_code == 303
    assert WORDS in client.get(f"{url}/report").text
    photograph = milestone.visits[0].photographs[0]
    assert client.get(f"/evidence/{photograph.file_id}").data == PDF


def test_an_expert_reads_the_report_and_answers_once(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    project = make_project(reported=True)
    milestone: Milestone = project.milestones[0]
    opinion, other = (make_milestone_opinion(milestone) for _ in range(2))
    session.commit()
    sign_in(client, opinion.reviewer.person)
    url = f"/opinions/{opinion.id}"
    assert client.get(f"/opinions/{other.id}").status_code == 404
    assert client.get(f"/projects/{project.code}").status_code == 404
    assert milestone.report in client.get(url).text
    assert client.get(f"/evidence/{milestone.evidence[0].file_id}").status_code == 200
    assert url in client.get("/desk").text
    assert client.post(url, data={"verdict": "pass", "words": "好"}).status_code == 422
    assert client.post(f"{url}/decline", data={"reason": ""}).status_code == 422
    assert client.post(url, data={"verdict": "pass", "words": WORDS}).status_code == 303
    session.refresh(opinion)
    assert opinion.state is OpinionState.GIVEN
    assert client.post(url, data={"verdict": "fail", "words": WORDS}).status_code == 409


def test_an_expert_is_asked_from_the_page(as_officer: Callable[[Project], FlaskClient]) -> None:
    project = make_project(reported=True)
    milestone = project.milestones[0]
    client, url = as_officer(project), f"/milestones/{milestone.id}/ask"
    typed = {"email": "nobody@example.org", "due_at": "2099-01-01T10:00"}
    page = client.post(url, data=typed)
    assert page.status_code == 422
    assert "nobody@example.org" in page.text
