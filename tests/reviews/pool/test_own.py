"""An expert's own page in the pool."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState, Stratum
from tests.factories.accounts import make_organisation, make_person
from tests.factories.reviews import make_reviewer

ROWS = {
    "posts-0-organisation": "某大学",
    "posts-0-position": "教授",
    "posts-0-since": "2020-09-01",
    "posts-0-until": "2024-08-31",
    "absences-0-since": "2027-02-01",
    "absences-0-until": "2027-02-20",
}


def known(**changes: Any) -> dict[str, Any]:
    data = {
        "organisation": "专家单位",
        "stratum": "industry",
        "title": "教授",
        "disciplines": ["52020"],
        "keywords": "SLAM",
        "max_load": "5",
    }
    return {**data, **changes}


def test_an_expert_asks_to_be_taken_and_then_keeps_the_entry(session: Session, enter: Any) -> None:
    make_organisation(name="专家单位")
    person = make_person(Role.REVIEWER)
    client = enter(person)
    assert "申请入库" in client.get("/expertise").text
    assert client.get("/expertise/edit").status_code == 404
    assert client.post("/expertise", data=known(organisation="无此单位")).status_code == 422
    assert client.post("/expertise", data=known()).headers["Location"] == "/expertise/edit"
    made = session.scalars(select(Reviewer)).one()
    assert (made.person_id, made.state) == (person.id, PoolState.PROPOSED)
    assert client.post("/expertise/edit", data={**known(), **ROWS}).status_code == 303
    page = client.get("/expertise").text
    for words in ("入库申请待批准", "某大学", "2024-08-31", "2027-02-20", "SLAM", "人工智能"):
        assert words in page
    again = {**known(stratum="finance"), **ROWS, "posts-0-since": "2021-09-01"}
    refused = client.post("/expertise/edit", data=again)
    assert refused.status_code == 422
    assert "须由发榜方工作人员办理" in refused.text
    wrong = client.post(
        "/expertise/edit", data={**known(), **ROWS, "absences-0-since": "2027-03-01"}
    )
    assert "截止日期早于起始日期" in wrong.text
    grown = client.post("/expertise/edit", data={**known(), **ROWS, "add_posts": "1"})
    assert 'name="posts-1-organisation"' in grown.text
    session.expire_all()
    assert made.stratum is Stratum.INDUSTRY


def test_an_expert_rests_and_returns(session: Session, enter: Any) -> None:
    made = make_reviewer()
    client = enter(made.person)
    assert client.post("/expertise/return").status_code == 409
    assert client.post("/expertise/rest", data={"reason": ""}).status_code == 422
    assert client.post("/expertise/rest", data={"reason": "产假六个月"}).status_code == 303
    assert "产假六个月" in client.get("/expertise").text
    assert client.post("/expertise/return").status_code == 303
    session.expire_all()
    assert made.state is PoolState.ACTIVE


def test_an_own_page_is_for_reviewers_accounts(session: Session, enter: Any) -> None:
    client = enter(make_person(Role.BIDDER_LEAD))
    assert client.get("/expertise").status_code == 403
    assert client.post("/expertise/rest", data={"reason": "不相干的人"}).status_code == 404


def test_who_was_removed_reads_why_and_asks_again(session: Session, enter: Any) -> None:
    made = make_reviewer(state=PoolState.REMOVED, reason="长期不答复")
    client = enter(made.person)
    page = client.get("/expertise").text
    assert "长期不答复" in page
    assert client.get("/expertise/edit").status_code == 403
    asked = known(organisation=made.organisation.name)
    assert client.post("/expertise", data=asked).status_code == 303
    session.expire_all()
    assert made.state is PoolState.PROPOSED


def test_an_officer_changes_an_entry_and_a_bidder_never_sees_one(
    session: Session, enter: Any
) -> None:
    made = make_reviewer()
    home, there = made.organisation.name, f"/pool/{made.id}/edit"
    officer, bidder = enter(make_person(Role.CITY_OFFICER)), enter(make_person(Role.BIDDER_LEAD))
    for method in (bidder.get, bidder.post):
        assert method(there).status_code == 403
    assert home in officer.get(there).text
    changed = officer.post(there, data={**known(organisation=home, title="院士"), **ROWS})
    assert changed.headers["Location"] == f"/pool/{made.id}"
    page = officer.get(f"/pool/{made.id}").text
    assert "院士" in page
    assert "某大学" in page
