"""The pages of the pool."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState
from tests.factories.accounts import make_organisation, make_person
from tests.factories.reviews import make_reviewer


def expert(**changes: Any) -> dict[str, Any]:
    data = {
        "email": "expert@example.org",
        "organisation": "专家单位",
        "stratum": "technical",
        "title": "教授",
        "disciplines": ["52020", "41620"],
        "keywords": "三维重建，SLAM; 三维重建",
        "max_load": "8",
    }
    return {**data, **changes}


def test_the_pool_is_read_by_officers_and_auditors_and_filled_by_officers(
    session: Session, enter: Any
) -> None:
    make_organisation(name="专家单位")
    make_person(Role.REVIEWER, email="expert@example.org")
    reviewer = make_reviewer()
    for role, read, fill in (
        (Role.BIDDER_LEAD, 403, 403),
        (Role.PARTNER, 403, 403),
        (Role.REVIEWER, 403, 403),
        (Role.AUDITOR, 200, 403),
        (Role.CITY_OFFICER, 200, 303),
    ):
        client = enter(make_person(role))
        pages = client.get("/pool"), client.get(f"/pool/{reviewer.id}")
        assert [page.status_code for page in pages] == [read, read]
        assert client.post("/pool/new", data=expert()).status_code == fill
        assert [reviewer.person.name in page.text for page in pages] == [read == 200] * 2
    entered = session.scalars(select(Reviewer).where(Reviewer.title == "教授")).one()
    assert entered.disciplines == ["41620", "52020"]
    assert entered.keywords == ["三维重建", "SLAM"]
    assert (entered.state, entered.max_load) == (PoolState.PROPOSED, 8)


WRONG_EXPERTS: list[tuple[dict[str, Any], str]] = [
    ({"email": ""}, "email"),
    ({"email": "nonsense"}, "email"),
    ({"email": "nobody@example.org"}, "email"),
    ({"email": "bidder@example.org"}, "email"),
    ({"email": "known@example.org"}, "email"),
    ({"organisation": ""}, "organisation"),
    ({"organisation": "无此单位"}, "organisation"),
    ({"stratum": "wizard"}, "stratum"),
    ({"title": "长" * 101}, "title"),
    ({"disciplines": ["52021"]}, "disciplines"),
    (
        {"disciplines": ["110", "120", "130", "140", "150", "160", "170", "180", "190"]},
        "disciplines",
    ),
    ({"keywords": "长" * 41}, "keywords"),
    ({"keywords": ",".join(map(str, range(21)))}, "keywords"),
    ({"max_load": "0"}, "max_load"),
    ({"max_load": "61"}, "max_load"),
    ({"about": "长" * 2001}, "about"),
]


def test_a_wrong_expert_is_told_at_the_field(session: Session, enter: Any) -> None:
    home = make_organisation(name="专家单位")
    make_person(Role.REVIEWER, email="expert@example.org")
    make_person(Role.BIDDER_LEAD, email="bidder@example.org")
    make_reviewer(home).person.email = "known@example.org"
    client = enter(make_person(Role.CITY_OFFICER))
    for changes, field in WRONG_EXPERTS:
        page = client.post("/pool/new", data=expert(**changes))
        assert page.status_code == 422, changes
        assert f'id="{field}-error"' in page.text, changes
        assert page.text.count('class="field__error"') == 1, changes
        for name in ("email", "organisation", "title", "keywords"):
            assert f'value="{expert(**changes)[name]}"' in page.text, changes
        for code in set(expert(**changes)["disciplines"]) - {"52021"}:
            assert f'value="{code}" checked' in page.text, changes
    assert session.scalar(select(func.count()).select_from(Reviewer)) == 1


def test_another_officer_approves_on_the_page_and_takes_the_expert_out_again(
    session: Session, enter: Any
) -> None:
    proposer, colleague = make_person(Role.CITY_OFFICER), make_person(Role.CITY_OFFICER)
    made = make_reviewer(state=PoolState.PROPOSED, proposed_by=proposer.id)
    there = f"/pool/{made.id}"
    first, second = enter(proposer), enter(colleague)
    assert f"{there}/approve" not in first.get(there).text
    assert first.post(f"{there}/approve").status_code == 403
    assert f"{there}/approve" in second.get(there).text
    assert second.post(f"{there}/approve").status_code == 303
    assert second.post(f"{there}/rest", data={"reason": "短"}).status_code == 422
    assert second.post(f"{there}/rest", data={"reason": "休假一段时间"}).status_code == 303
    assert "休假一段时间" in first.get(there).text
    assert first.post(f"{there}/return").status_code == 303
    assert first.post(f"{there}/remove", data={"reason": "不再从事评审"}).status_code == 303
    session.expire_all()
    assert made.state is PoolState.REMOVED
    assert "<form" not in first.get(there).text.partition("<main")[2].partition("</main")[0]
