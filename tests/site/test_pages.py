"""Home, the desk of each role, the ways through the portal, and what an error looks like."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.challenges.finding import lists
from portal.core.access import Role
from portal.core.todo import Todo
from portal.core.words import Message
from portal.site import desk, navigation
from tests.factories.accounts import make_organisation, make_person
from tests.factories.bids import make_bid
from tests.factories.challenges import make_challenge, make_cluster, make_officer
from tests.factories.projects import make_entry, make_past_project, make_project
from tests.factories.reviews import make_round, seats_of

SignIn = Callable[[FlaskClient, Person], None]


def links(page: str) -> set[str]:
    return {link.partition("?")[0] for link in re.findall(r'href="(/[^"#]*)"', page)}


def test_home_shows_the_list_and_what_was_achieved(client: FlaskClient, session: Session) -> None:
    empty = client.get("/")
    assert empty.status_code == 200
    challenge, draft = make_challenge(published=True), make_challenge()
    entry, past = make_entry(), make_past_project()
    page = client.get("/").text
    for shown in (challenge.title, entry.snapshot["title"], past.title, past.source.title):
        assert shown in page
    assert draft.code not in page
    figures = re.findall(r'key-figures__value">([\d,.]+)', page)
    money = lists.open_now(session, challenge.published_at).money
    assert figures == ["1", f"{money / 10_000:,.2f}", "1"]
    assert {f"/challenges/{challenge.code}", f"/registry/{entry.number}"} <= links(page)


def test_the_ways_in_are_on_every_page_and_lead_somewhere(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    ends = {end for end, _ in navigation.EVERYBODY} | {end for end, _, _ in navigation.DESK}
    assert ends <= set(app.view_functions)
    found = links(client.get("/").text)
    assert {"/challenges", "/clusters", "/notices", "/registry"} <= found
    for path in found - {"/sign-in"}:
        if not path.startswith("/static/"):
            assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_its_desk_and_every_way_from_it_opens(
    client: FlaskClient, session: Session, sign_in: SignIn, role: Role
) -> None:
    person = make_person(role)
    sign_in(client, person)
    page = client.get("/desk")
    assert page.status_code == 200
    meant = {end for end, _, who in navigation.DESK if role in who}
    with client.application.test_request_context():
        ways = {client.application.url_for(end) for end in meant}
        others = {client.application.url_for(end) for end, _, _ in navigation.DESK} - ways
    assert ways <= links(page.text)
    assert not others & links(page.text)
    for path in ways:
        for language in ("zh", "en"):
            answer = client.get(path, query_string={"lang": language})
            assert answer.status_code == 200, path


def test_a_desk_shows_what_is_ones_own_and_nothing_of_others(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    draft = make_challenge()
    bid = make_bid(lead=make_organisation())
    seat = seats_of(make_round())[0]
    project = make_project(reported=True)
    session.commit()
    owners = {
        f"/desk/challenges/{draft.id}/edit": make_officer(draft),
        f"/bids/{bid.id}/edit": session.get_one(Person, bid.started_by),
        f"/seats/{seat.id}": session.get_one(Person, seat.reviewer.person_id),
        f"/milestones/{project.milestones[0].id}/report": make_officer(project.challenge),
    }
    desks = {}
    for way, person in owners.items():
        client = app.test_client()
        sign_in(client, person)
        desks[way] = links(client.get("/desk").text)
    for way in owners:
        assert {home for home, found in desks.items() if way in found} == {way}


def test_what_is_late_comes_first_and_what_has_no_date_last(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def item(name: str, days: int | None, tone: str = "active") -> Todo:
        due = None if days is None else now + timedelta(days=days)
        return Todo(Message(name), "site.desk", due=due, tone=tone)

    class Some:
        @staticmethod
        def open_items(*_: object) -> list[Todo]:
            return [item("none", None), item("next", 5), item("late", -1, "late"), item("soon", 1)]

    monkeypatch.setattr(desk, "SOURCES", (Some,))
    actor = actor_of(make_person(Role.AUDITOR))
    todo = desk.to_do(session, actor, now)
    assert [str(one.text) for one in todo] == ["late", "soon", "next", "none"]
    piles = {pile.value: [str(one.text) for one in items] for pile, items in desk.piled(todo, now)}
    assert piles == {"late": ["late"], "soon": ["soon", "next"], "ahead": ["none"]}
    assert desk.piled([item("over", -1), item("far", 8)], now)[0][0] is desk.Pile.LATE
    assert desk.piled([], now) == []


def test_a_cluster_that_is_not_there_and_nonsense_in_its_address(
    client: FlaskClient, session: Session
) -> None:
    cluster = make_cluster()
    assert client.get(f"/clusters/{cluster.slug}").status_code == 200
    for path in ("/clusters/nothing", "/clusters/%00", "/clusters/" + "x" * 500):
        assert client.get(path).status_code == 404
    for place in ("x", "-5", str(10**30), ""):
        assert client.get("/clusters", query_string={"after": place}).status_code == 200
        address = f"/clusters/{cluster.slug}"
        assert client.get(address, query_string={"past": place}).status_code == 200


def test_every_page_forbids_foreign_scripts_and_frames(
    client: FlaskClient, session: Session
) -> None:
    headers = client.get("/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
