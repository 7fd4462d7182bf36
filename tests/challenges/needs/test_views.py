"""The pages of needs: what each reader sees, what comes back after wrong input, what strangers get."""

from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.challenges.models import Challenge
from portal.challenges.needs.models import Need, Opinion
from portal.challenges.needs.rules import NeedState, OpinionState
from portal.challenges.rules import ChallengeState
from portal.core.access import Role
from tests.factories.accounts import make_organisation, make_person
from tests.factories.bids import PDF
from tests.factories.challenges import make_call, make_cluster, make_officer
from tests.factories.needs import WORDS, make_need, make_opinion

SignIn = Callable[[FlaskClient, Person], None]
TYPED = {
    "title": "液氢加注枪密封失效",
    "problem": "低温下密封圈开裂,每周两次。",
    "site": "大兴加氢站",
    "existing": "进口件交期十个月。",
    "worth": "十座站可用,年节约两百万元。",
    "money": "150.5",
    "pain_points": ["P1", "P2"],
}


def owner_of(session: Session, need: Need) -> Person:
    return make_person(Role.PARTNER, organisation=session.get_one(Organisation, need.owner_id))


def test_a_company_raises_a_need_and_hands_it_in(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    own = make_person(Role.BIDDER_LEAD)
    cluster = make_cluster()
    sign_in(client, own)
    assert client.get("/needs/new").status_code == 200
    upload = (BytesIO(PDF), "现场.pdf")
    typed = {**TYPED, "cluster_id": str(cluster.id), "attachment": upload}
    answer = client.post("/needs/new", data=typed, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    need = session.scalars(select(Need)).one()
    assert (need.money, need.pain_points) == (1505000, ["P1", "P2"])
    assert need.cluster_id == cluster.id
    assert client.post(f"/needs/{need.id}/hand-in").status_code == 303
    page = client.get(f"/needs/{need.id}")
    assert "已提交" in page.text
    assert need.title in client.get("/needs").text
    assert client.get(f"/needs/{need.id}/attachment").data == PDF
    assert client.post(f"/needs/{need.id}/take-back").status_code == 303
    assert client.get(f"/needs/{need.id}/edit").status_code == 200


def test_wrong_input_is_explained_at_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    sign_in(client, make_person(Role.BIDDER_LEAD))
    wrong = [
        ({"title": ""}, "title-error"),
        ({"title": "长" * 201}, "title-error"),
        ({"money": "很多"}, "money-error"),
        ({"money": "-1"}, "money-error"),
        ({"money": ""}, "money-error"),
        ({"pain_points": ["P9"]}, "pain_points-error"),
        ({"cluster_id": str(uuid4())}, "cluster_id-error"),
        ({"owner": str(uuid4())}, ""),
        ({"problem": "长" * 3001}, "problem-error"),
        ({"attachment": (BytesIO(b"MZ\x90"), "x.exe")}, "attachment-error"),
    ]
    for change, where in wrong:
        typed = {**TYPED, **change}
        page = client.post("/needs/new", data=typed, content_type="multipart/form-data")
        if where:
            assert page.status_code == 422, change
            assert where in page.text
            assert TYPED["site"] in page.text
    needs = session.scalars(select(Need)).all()
    assert len(needs) == 1, "a foreign organisation counts for nothing: the need is one's own"


def test_what_a_draft_lacks_is_shown_in_the_editor(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    need = make_need(worth="")
    sign_in(client, owner_of(session, need))
    page = client.post(f"/needs/{need.id}/hand-in")
    assert page.status_code == 422
    assert "worth-error" in page.text
    assert need.problem in page.text


def test_strangers_find_no_need(client: FlaskClient, session: Session, sign_in: SignIn) -> None:
    need = make_need(taken_up=True)
    opinion = make_opinion(need, make_person(Role.REVIEWER), make_person(Role.CITY_OFFICER))
    pages = [f"/needs/{need.id}", f"/needs/{need.id}/edit", f"/needs/{need.id}/experts"]
    acts = [
        f"/needs/{need.id}/{act}"
        for act in ("hand-in", "take-back", "sort", "close", "draft", "reopen", "opinion")
    ]
    for path in pages:
        assert client.get(path).status_code == 302
    assert client.get("/desk/needs").status_code == 302
    strangers = (
        make_person(Role.BIDDER_LEAD, Role.PARTNER),
        make_person(Role.REVIEWER),
        make_person(Role.ADMINISTRATOR),
        make_person(Role.DISTRICT_OFFICER),
    )
    for person in strangers:
        sign_in(client, person)
        assert {client.get(path).status_code for path in pages} == {404}
        assert {client.post(path).status_code for path in acts} == {404}
        assert client.post(f"/needs/{need.id}/opinion/refuse").status_code == 404
        client.post("/sign-out")
    session.refresh(opinion)
    assert opinion.state is OpinionState.ASKED


def test_the_board_is_for_officers_and_auditors_who_change_nothing(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    need = make_need(handed_in=True)
    for role, status in (
        (Role.BIDDER_LEAD, 403),
        (Role.ADMINISTRATOR, 403),
        (Role.AUDITOR, 200),
        (Role.CITY_OFFICER, 200),
    ):
        sign_in(client, make_person(role))
        page = client.get("/desk/needs?words=缺陷&state=handed_in")
        assert page.status_code == status
        assert (need.title in page.text) is (status == 200)
        assert ('type="checkbox"' in page.text) is (role is Role.CITY_OFFICER)
        client.post("/sign-out")
    sign_in(client, make_person(Role.AUDITOR))
    assert client.get(f"/needs/{need.id}").status_code == 200
    assert client.post(f"/needs/{need.id}/sort", data={"priority": "high"}).status_code == 403
    assert client.get(f"/needs/{need.id}/experts").status_code == 403


def test_an_officer_sorts_asks_and_draws_a_challenge_that_the_owner_follows(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    call, need = make_call(), make_need(handed_in=True)
    own, expert = owner_of(session, need), make_person(Role.REVIEWER)
    sign_in(client, make_officer(call))
    wrong = client.post(f"/needs/{need.id}/sort", data={"priority": "urgent"})
    assert wrong.status_code == 422
    typed = {"priority": "high", "cluster_id": str(call.cluster_id)}
    assert client.post(f"/needs/{need.id}/sort", data=typed).status_code == 303
    found = client.get(f"/needs/{need.id}/experts", query_string={"words": expert.name})
    assert expert.name in found.text
    assert client.post(f"/needs/{need.id}/experts", data={}).status_code == 422
    typed = {"experts": [str(expert.id)]}
    assert client.post(f"/needs/{need.id}/experts", data=typed).status_code == 303
    assert expert.name in client.get(f"/needs/{need.id}").text
    assert client.post(f"/needs/{need.id}/draft", data={"call": str(uuid4())}).status_code == 422
    answer = client.post(f"/needs/{need.id}/draft", data={"call": str(call.id)})
    challenge = session.scalars(select(Challenge)).one()
    assert answer.location.endswith(f"/desk/challenges/{challenge.id}/edit")
    assert need.site in client.get(f"{answer.location}/scenario").text
    assert f"/needs/{need.id}" in client.get(f"/challenges/{challenge.code}").text
    client.post("/sign-out")
    sign_in(client, own)
    before = client.get(f"/needs/{need.id}").text
    assert "stage-line" not in before
    assert expert.name not in before
    session.refresh(challenge)
    challenge.closes_at = challenge.published_at = need.handed_in_at
    challenge.closes_at = need.created_at.replace(year=2030)
    challenge.state = ChallengeState.PUBLISHED
    session.commit()
    after = client.get(f"/needs/{need.id}").text
    assert "stage-line" in after
    assert f"/challenges/{challenge.code}" in after
    assert "不得牵头揭榜" in client.get(f"/challenges/{challenge.code}").text
    client.post("/sign-out")
    sign_in(client, expert)
    assert "不得牵头揭榜" not in client.get(f"/challenges/{challenge.code}").text


def test_needs_are_merged_from_the_board(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    one, two = make_need(handed_in=True), make_need(handed_in=True, title="另一项需求")
    sign_in(client, make_person(Role.CITY_OFFICER))
    ticked = {"need": [str(one.id), str(two.id), "nonsense"]}
    assert "至少两项" in client.get("/desk/needs/merge").text
    assert two.title in client.get("/desk/needs/merge", query_string=ticked).text
    chosen = {"need": [str(one.id), str(two.id)]}
    for wrong in (
        {"into": str(one.id)},
        {"answer": WORDS},
        {"into": str(uuid4()), "answer": WORDS},
    ):
        page = client.post("/desk/needs/merge", data={**chosen, **wrong})
        assert page.status_code == 422
    typed = {**chosen, "into": str(one.id), "answer": WORDS}
    assert client.post("/desk/needs/merge", data=typed).status_code == 303
    session.refresh(two)
    assert two.state is NeedState.MERGED
    assert two.code in client.get(f"/needs/{one.id}").text
    client.post("/sign-out")
    sign_in(client, owner_of(session, two))
    page = client.get(f"/needs/{two.id}")
    assert WORDS in page.text
    assert str(one.id) not in page.text, "whose need goes on is not told to another owner"


def test_a_declined_need_says_why_to_its_owner(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    need = make_need(taken_up=True)
    own = owner_of(session, need)
    sign_in(client, make_person(Role.CITY_OFFICER))
    for wrong in ({"answer": WORDS}, {"outcome": "decline", "answer": "短"}, {"outcome": "x"}):
        page = client.post(f"/needs/{need.id}/close", data=wrong)
        assert page.status_code == 422
        assert wrong.get("answer", "") in page.text
    typed = {"outcome": "decline", "answer": WORDS}
    assert client.post(f"/needs/{need.id}/close", data=typed).status_code == 303
    client.post("/sign-out")
    sign_in(client, own)
    assert WORDS in client.get(f"/needs/{need.id}").text
    assert "未予采纳" in client.get("/inbox").text


def test_an_expert_rates_a_need_on_its_page(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    need, expert = make_need(handed_in=True), make_person(Role.REVIEWER)
    other = make_person(Role.REVIEWER)
    asker = make_person(Role.CITY_OFFICER)
    make_opinion(need, expert, asker)
    session.add(make_opinion(need, other, asker))
    sign_in(client, expert)
    assert need.title in client.get("/desk").text
    assert need.title in client.get("/desk/opinions").text
    page = client.get(f"/needs/{need.id}").text
    assert other.name not in page
    half = {"drive": "5", "words": WORDS}
    page = client.post(f"/needs/{need.id}/opinion", data=half)
    assert page.status_code == 422
    assert WORDS in page.text
    typed = {"drive": "5", "base": "4", "testable": "3", "finance": "2", "words": WORDS}
    assert client.post(f"/needs/{need.id}/opinion", data={**typed, "base": "9"}).status_code == 422
    assert client.post(f"/needs/{need.id}/opinion", data=typed).status_code == 303
    given = session.scalars(select(Opinion).where(Opinion.expert_id == expert.id)).one()
    assert (given.drive, given.finance) == (5, 2)
    client.post("/sign-out")
    sign_in(client, other)
    assert client.post(f"/needs/{need.id}/opinion/refuse", data={}).status_code == 422
    why = {"words": "与需求单位有合作"}
    assert client.post(f"/needs/{need.id}/opinion/refuse", data=why).status_code == 303
    assert client.get(f"/needs/{need.id}").status_code == 404


def test_pages_say_the_same_in_english(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    need = make_need(taken_up=True, owner=make_organisation())
    sign_in(client, make_person(Role.CITY_OFFICER))
    for path in ("/desk/needs", f"/needs/{need.id}", f"/needs/{need.id}/experts"):
        assert client.get(f"{path}?lang=en").status_code == 200


def test_an_officers_act_on_a_need_is_refused_to_its_owner_before_its_form_is_looked_at(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    need = make_need(handed_in=True)
    sign_in(client, owner_of(session, need))
    for act in ("sort", "close", "draft"):
        assert client.post(f"/needs/{need.id}/{act}").status_code == 403, act
