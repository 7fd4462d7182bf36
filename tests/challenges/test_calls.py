"""Calls: prepared and changed by officers of the issuing body, public with their first challenge."""

import re
from datetime import datetime
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.calls import service
from portal.challenges.calls.rules import NUMBER, call_problems
from portal.challenges.models import Call
from portal.challenges.settings import Settings
from portal.core.access import Role
from portal.core.errors import InvalidInput, NotAllowed, Overtaken
from tests.factories.accounts import make_actor, make_city_body, make_person
from tests.factories.challenges import make_call, make_challenge, make_cluster, make_officer
from tests.factories.sheets import make_call_facts
from tests.refusal import refused


@settings(max_examples=100)
@given(number=st.text(max_size=45) | st.from_regex(NUMBER, fullmatch=True))
def test_a_number_can_stand_in_an_address_or_is_refused(number: str) -> None:
    facts = make_call_facts(uuid4(), uuid4(), number=number)
    found = [problem.at for problem in call_problems(facts)]
    fits = 3 <= len(number) <= 36 and not re.search(r"[\s/?#%&]", number)
    assert fits or found == ["number"]
    if NUMBER.fullmatch(number):
        assert found == []


def test_a_call_is_changed_by_its_own_body_and_nobody_overwrites_the_unseen(
    session: Session, now: datetime
) -> None:
    call = make_call(number="BJ-7")
    own = actor_of(make_officer(call))
    wanted = make_call_facts(
        call.cluster_id,
        call.issuer_id,
        number="OTHER",
        title="新名称",
        settings=Settings(winners=2),
    )
    wrong = make_call_facts(
        call.cluster_id, call.issuer_id, title=" ", year=1, settings=Settings(race=True)
    )
    refused(NotAllowed, service.edit, make_actor(Role.CITY_OFFICER), call.id, wanted, 1, now)
    told = refused(InvalidInput, service.edit, own, call.id, wrong, 1, now)
    assert [one.field for one in told.problems] == ["race", "title", "year"]
    service.edit(own, call.id, wanted, 1, now)
    refused(Overtaken, service.edit, own, call.id, wrong, 1, now)
    session.expire_all()
    assert (call.title, call.number, call.usual.winners) == ("新名称", "BJ-7", 2)
    assert list(session.scalars(select(Entry.kind))) == [Action.CALL_EDITED.value]


def test_two_calls_do_not_share_a_number(session: Session, now: datetime) -> None:
    body = make_city_body()
    own = actor_of(make_person(Role.CITY_OFFICER, organisation=body))
    facts = make_call_facts(make_cluster().id, body.id)
    service.create(own, facts, now)
    told = refused(InvalidInput, service.create, own, facts, now)
    assert [one.field for one in told.problems] == ["number"]


def typed(cluster_id: object, **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "title": "科幻产业榜单",
        "year": "2026",
        "cluster": str(cluster_id),
        "introduction": "面向科幻产业。",
        "common_rules": "成果在京落地。",
        "lead_kinds": ["enterprise"],
    }
    usual = Settings(bids_min=3)
    numbers = {k: str(v) for k, v in usual.to_json().items() if isinstance(v, int | str)}
    flags = {k: "y" for k, v in usual.to_json().items() if v is True}
    off = {k for k, v in usual.to_json().items() if v is False}
    kept = {key: value for key, value in {**numbers, **flags}.items() if key not in off}
    return {**values, **kept, "tranche_shares": "40,30,20,10", **changes}


def test_an_officer_prepares_and_changes_a_call(client, app, sign_in, session):
    body, cluster_id = make_city_body(), make_cluster().id
    sign_in(client, make_person(Role.CITY_OFFICER, organisation=body))
    data = typed(cluster_id, number="BJ-9", issuer=str(body.id))
    for wrong, message in (
        ({"number": "B J"}, "不含空格"),
        ({"winners": "1", "race": "y"}, "赛马"),
        ({"tranche_shares": "50, 49"}, "合计为 100"),
        ({"title": ""}, "请填写此项"),
        ({"issuer": str(cluster_id)}, "issuer-error"),
    ):
        answer = client.post("/desk/calls/new", data={**data, **wrong})
        assert (answer.status_code, message in answer.text) == (422, True), wrong
        assert "面向科幻产业。" in answer.text
    assert session.scalars(select(Call)).all() == []
    assert client.post("/desk/calls/new", data=data).status_code == 303
    call = session.scalars(select(Call)).one()
    assert (call.number, call.usual) == ("BJ-9", Settings(bids_min=3))
    page, other = f"/desk/calls/{call.id}/edit", app.test_client()
    sign_in(other, make_officer(make_call()))
    assert other.get(page).status_code == other.post(page, data=data).status_code == 404
    changed = typed(cluster_id, title="改名的榜单", revision="1")
    assert client.get(page).status_code == 200
    assert client.post(page, data=changed).status_code == 303
    overtaken = client.post(page, data={**changed, "title": "第三个名称"})
    assert overtaken.status_code == 409
    assert "改名的榜单" in overtaken.text
    assert "第三个名称" in overtaken.text
    assert "改名的榜单" in client.get("/desk/calls").text


def test_a_call_is_public_with_its_first_published_challenge(client, now):
    published = make_challenge(published=True, title="已发布的榜题")
    draft = make_challenge(call=published.call, title="还是草稿")
    hidden = make_call(title="尚未公开的榜单")
    published.call.published_at = now
    published.call.introduction = "面向科幻产业。"
    page = client.get(f"/calls/{published.call.number}")
    assert "已发布的榜题" in page.text
    assert "面向科幻产业。" in page.text
    assert draft.title not in page.text
    assert client.get(f"/calls/{hidden.number}").status_code == 404
    listed = client.get("/calls")
    assert published.call.title in listed.text
    assert hidden.title not in listed.text


def test_only_officers_reach_the_calls_desk(client, app, sign_in):
    call = make_call()
    pages = ["/desk/calls", "/desk/calls/new", f"/desk/calls/{call.id}/edit"]
    sign_in(client, make_officer(call))
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    for role in (Role.BIDDER_LEAD, Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        other = app.test_client()
        sign_in(other, make_person(role))
        assert [other.get(page).status_code for page in pages] == [403, 403, 404], role
    assert [app.test_client().get(page).status_code for page in pages] == [302, 302, 302]
