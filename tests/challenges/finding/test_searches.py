"""A saved search is kept, compared with what is published, and its owner is told once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.challenges import service as challenges
from portal.challenges.finding import lists, queries, rules, service
from portal.challenges.finding.models import PostingCount, QuietPerson, SavedSearch
from portal.challenges.finding.rules import Filters
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core.access import Role
from portal.core.errors import InvalidInput
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.copies import copies, counted
from tests.factories.accounts import make_actor, make_person
from tests.factories.challenges import make_challenge
from tests.factories.finding import make_follow

SignIn = Callable[[FlaskClient, Person], None]


def told(session: Session) -> dict[Any, str]:
    session.commit()
    return {item.person_id: item.subject for item in session.scalars(select(InboxItem))}


def test_whoever_has_a_search_that_fits_is_told_of_it_and_no_other(
    session: Session, now: datetime
) -> None:
    found = make_challenge(published=True, title="光学动作捕捉", field="空间计算")
    cluster = found.call.cluster
    day = timedelta(days=2)
    on = {
        name: (found.closes_at or now) + days for name, days in (("before", -day), ("after", day))
    }
    fits = [
        {},
        {"words": "捕捉"},
        {"words": "动作 光学", "stage": "awarded", "sort": "budget"},
        {"cluster": cluster.slug, "district": cluster.district, "field": "空间计算"},
        {"budget_from": "800", "budget_to": "800"},
        {"closes_from": f"{on['before']:%Y-%m-%d}", "closes_to": f"{on['after']:%Y-%m-%d}"},
    ]
    fails = [
        {"words": "捕捞"},
        {"words": "捕捉", "cluster": "other"},
        {"district": "海淀区"},
        {"field": "氢能"},
        {"budget_from": "801"},
        {"budget_to": "799"},
        {"closes_from": f"{on['after']:%Y-%m-%d}"},
        {"closes_to": f"{on['before']:%Y-%m-%d}"},
    ]
    people = [make_actor(Role.REVIEWER) for _ in (*fits, *fails)]
    gone = make_person(Role.REVIEWER)
    session.commit()
    for person, arguments in zip(people, [*fits, *fails], strict=True):
        service.save_search(person, "我的检索", arguments, now)
    service.save_search(actor_of(gone), "离职", {}, now)
    gone.active = False
    session.commit()
    wanted = {person.user_id: "我的检索" for person in people[: len(fits)]}
    assert queries.searchers_for(session, found.id) == wanted
    assert queries.searchers_for(session, uuid4()) == {}


def test_a_published_challenge_is_told_once_to_searchers_and_to_bidders_who_want_all(
    session: Session, now: datetime
) -> None:
    found = make_challenge(published=True, title="光学动作捕捉")
    searcher, bidder, quiet = (make_actor(Role.BIDDER_LEAD) for _ in range(3))
    session.commit()
    service.save_search(searcher, "动捕", {"words": "动作捕捉"}, now)
    for _ in range(2):
        service.set_quiet(quiet, True)
    assert queries.is_quiet(session, quiet)
    for _ in range(2):
        challenges.tell_bidders(found.id, now)
    subjects = told(session)
    assert set(subjects) == {searcher.user_id, bidder.user_id}
    assert "fits your saved search" in subjects[searcher.user_id]
    assert "fits your saved search" not in subjects[bidder.user_id]
    for _ in range(2):
        service.set_quiet(quiet, False)
    assert session.scalar(select(func.count()).select_from(QuietPerson)) == 0
    challenges.tell_bidders(found.id, now)
    assert quiet.user_id in told(session)


def test_any_number_of_searches_is_compared_in_one_query(session: Session, now: datetime) -> None:
    found = make_challenge(published=True, title="光学动作捕捉")
    person = make_actor(Role.REVIEWER)
    session.commit()
    kept = service.save_search(person, "0", {"words": "动作捕捉"}, now)
    copies(kept, 300, name=lambda i: f"{i + 1}", terms=lambda i: f"'词{i}'")
    session.commit()
    key = found.id
    with counted() as sent:
        assert queries.searchers_for(session, key) == {person.user_id: "0"}
    assert len(sent) == 1


def test_a_search_is_kept_under_its_name_within_limits_and_is_ones_own(
    session: Session, now: datetime
) -> None:
    me, other = make_actor(Role.AUDITOR), make_actor(Role.AUDITOR)
    session.commit()
    first = service.save_search(me, "一", {"words": "动作", "junk": "x"}, now)
    assert first.arguments == {"words": "动作"}
    again = service.save_search(me, "一", {"budget_from": "5"}, now)
    assert (again.id, again.terms, again.budget_from) == (first.id, None, Decimal(50_000))
    service.save_search(other, "一", {}, now)
    service.drop_search(other, first.id)
    assert [search.id for search in queries.saved(session, me)] == [first.id]
    for name, arguments in (
        ("", {}),
        ("长" * 61, {}),
        ("二", {"budget_to": "x"}),
        ("二", {"words": "，"}),
    ):
        with pytest.raises(InvalidInput):
            service.save_search(me, name, arguments, now)
    copies(again, rules.MOST_SEARCHES - 1, name=lambda i: f"第{i}")
    session.commit()
    with pytest.raises(InvalidInput):
        service.save_search(me, "太多", {}, now)
    service.save_search(me, "一", {}, now)
    service.drop_search(me, first.id)
    assert len(queries.saved(session, me)) == rules.MOST_SEARCHES - 1


def test_followers_are_told_of_a_new_state_once_and_nothing_is_announced_without_them(
    session: Session, now: datetime
) -> None:
    alone, followed = make_challenge(published=True), make_challenge(published=True)
    follow = make_follow(challenge=followed)
    session.commit()
    for challenge in (alone, followed):
        advance(challenge, "open", now)
    session.commit()
    event = session.scalars(select(Event)).one()
    assert event.topic == Topic.CHALLENGE_MOVED.value
    assert event.payload["challenge_id"] == str(followed.id)
    for _ in range(2):
        service.tell_followers(followed.id, ChallengeState.OPENED, event.payload["at"], now)
    assert list(told(session)) == [follow.person_id]
    later = (now + timedelta(days=1)).isoformat()
    service.tell_followers(followed.id, ChallengeState.OPENED, later, now)
    assert session.scalar(select(func.count()).select_from(InboxItem)) == 2


def test_counters_that_are_summed_up_say_the_same(session: Session, now: datetime) -> None:
    pattern = make_challenge(published=True)
    copies(pattern, 9, code=lambda i: f"MANY-{i}")
    advance(pattern, "open", now)
    session.commit()
    before = lists.counted(session, Filters(), now)
    for _ in range(2):
        service.settle_counts()
    rows = session.scalars(select(PostingCount.number)).all()
    assert sorted(rows) == [1, 9]
    assert lists.counted(session, Filters(), now) == before


def test_a_search_is_saved_from_the_list_opened_again_and_deleted(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    make_challenge(published=True)
    person = make_person(Role.BIDDER_LEAD)
    assert "searches/new" not in client.get("/challenges?words=重建").text
    assert client.get("/following/searches/new?words=重建").status_code == 302
    sign_in(client, person)
    assert "searches/new?words=" in client.get("/challenges?words=重建").text
    assert "searches/new" not in client.get("/challenges").text
    address = "/following/searches/new?words=重建&stage=open"
    assert client.get(address).status_code == 200
    refused = client.post(address, data={"name": " "})
    assert (refused.status_code, "name-error" in refused.text) == (422, True)
    wrong = client.post("/following/searches/new?budget_to=x", data={"name": "检索"})
    assert (wrong.status_code, "name-error" in wrong.text) == (422, True)
    assert client.post(address, data={"name": "重建类"}).status_code == 303
    page = client.get("/following").text
    assert "重建类" in page
    assert "stage=open" in page
    kept = session.scalars(select(SavedSearch)).one()
    assert client.post(f"/following/searches/{kept.id}/drop").status_code == 303
    assert "重建类" not in client.get("/following").text
    assert "checked" in client.get("/following").text
    assert client.post("/following/quiet", data={}).status_code == 303
    assert "checked" not in client.get("/following").text
    client.post("/following/quiet", data={"every": "y"})
    assert "checked" in client.get("/following").text


def test_the_list_says_at_the_field_what_it_could_not_read_and_keeps_it(
    client: FlaskClient, session: Session
) -> None:
    found = make_challenge(published=True)
    page = client.get("/challenges?budget_from=viel&words=重建&closes_to=never").text
    assert found.code in page
    for kept in ("budget_from-error", "closes_to-error", 'value="viel"', 'value="重建"'):
        assert kept in page
    for nonsense in (
        "stage=x",
        "sort=x",
        "before=x",
        "cluster=x&before=|",
        "words=%2C",
        "words=\\",
    ):
        assert client.get(f"/challenges?{nonsense}").status_code == 200
