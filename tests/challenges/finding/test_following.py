"""A person follows a challenge, is counted among its followers, and lets it go again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.challenges.finding import queries, service
from portal.challenges.finding.models import Follow
from portal.challenges.rules import ChallengeState
from portal.core.access import Role
from portal.core.errors import NotFound
from tests.copies import copies
from tests.factories.accounts import make_actor, make_person
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.finding import make_follow

SignIn = Callable[[FlaskClient, Person], None]


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Follow)) or 0


def test_followers_are_the_active_people_who_follow_each_once(
    session: Session, now: datetime
) -> None:
    challenge, other = make_challenge(published=True), make_challenge(published=True)
    one, two, gone = make_actor(Role.BIDDER_LEAD), make_actor(Role.REVIEWER), make_person()
    make_follow(gone, challenge)
    gone.active = False
    session.commit()
    for _ in range(2):
        service.follow(one, challenge.code, now)
    service.follow(two, challenge.code, now)
    service.follow(two, other.code, now)
    assert set(queries.followers_of(session, challenge.id)) == {one.user_id, two.user_id}
    assert queries.follows(session, one, challenge.id)
    assert not queries.follows(session, one, other.id)
    for _ in range(2):
        service.unfollow(one, challenge.id)
    assert queries.followers_of(session, challenge.id) == [two.user_id]
    assert queries.followers_of(session, other.id) == [two.user_id]


def test_one_follows_what_was_published_and_nothing_that_one_may_not_see(
    session: Session, now: datetime
) -> None:
    draft = make_challenge()
    taken_back = make_challenge(state=ChallengeState.CANCELLED)
    people = actor_of(make_officer(draft)), make_actor(Role.BIDDER_LEAD)
    public = make_challenge(published=True, state=ChallengeState.CANCELLED)
    session.commit()
    for one in people:
        for code in (draft.code, taken_back.code, "nonsense"):
            with pytest.raises(NotFound):
                service.follow(one, code, now)
        service.follow(one, public.code, now)
    assert count(session) == 2


def test_the_page_of_a_challenge_offers_to_follow_and_to_stop(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    challenge, person = make_challenge(published=True), make_person(Role.AUDITOR)
    page = f"/challenges/{challenge.code}"
    assert "follow" not in client.get(page).text
    assert client.post(f"{page}/follow").status_code == 302
    assert count(session) == 0
    sign_in(client, person)
    assert "暂未关注榜题" in client.get("/following").text
    assert f"{page}/follow" in client.get(page).text
    answer = client.post(f"{page}/follow")
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert f"{page}/follow" not in client.get(page).text
    assert challenge.title in client.get("/following").text
    stop = f"/following/{challenge.id}/stop"
    assert f"{stop}?back={challenge.code}" in client.get(page).text
    assert client.post(f"{stop}?back={challenge.code}").headers["Location"] == page
    assert count(session) == 0
    assert client.post(stop).headers["Location"] == "/following"
    assert client.post(f"/following/{uuid4()}/stop").status_code == 303
    assert client.post("/challenges/nonsense/follow").status_code == 404


def test_what_one_follows_is_walked_page_by_page_and_is_ones_own(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    first, other = make_follow(), make_follow()
    session.flush()
    challenge = make_challenge(published=True)
    homes = copies(challenge, 44, code=lambda i: f"FOLLOWED-{i}")
    copies(first, 44, challenge_id=lambda i: homes[i], at=lambda i: now - timedelta(hours=i // 30))
    person = session.get(Person, first.person_id)
    assert person is not None
    sign_in(client, person)
    address, sizes = "/following", []
    while address:
        page = client.get(address).text
        assert other.challenge.code not in page
        sizes.append(page.count("<tr>") - 1)
        _, link, rest = page.partition('rel="next" href="')
        address = rest.partition('"')[0].replace("&amp;", "&") if link else ""
    assert sizes == [20, 20, 5]
