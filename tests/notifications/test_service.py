"""The inbox: news once for a key, newest first in pages, and read when their owner says so."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.words import Message, Title
from portal.notifications import queries, service
from portal.notifications.mails.letters import parcel_of
from portal.notifications.mails.models import Mail
from portal.notifications.models import InboxItem
from tests.copies import copies
from tests.factories.accounts import make_actor, make_person
from tests.threads import at_once

SignIn = Callable[[FlaskClient, Person], None]
NEWS = Message("The ranking of “%(title)s” stands.", {"title": "动作捕捉"})


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(InboxItem)) or 0


def test_news_reaches_each_person_once_for_a_key(session: Session) -> None:
    one, two = make_person().id, make_person().id
    assert service.notify(session, [one, one, two], "k", NEWS, "/desk") == 2
    assert service.notify(session, [one, two], "k", NEWS, "/desk") == 0
    assert service.notify(session, [one], "other", NEWS, "/desk") == 1
    assert service.notify(session, [], "k", NEWS, "/desk") == 0
    assert count(session) == 3
    assert queries.unread(session, one) == 2


def test_the_same_news_from_many_workers_at_once_reaches_a_person_once(
    app: Flask, session: Session
) -> None:
    people = [make_person().id for _ in range(3)]
    session.commit()

    def tell() -> None:
        with transaction() as own:
            service.notify(own, reversed(people), "k", NEWS, "/desk")

    assert at_once(app, *[tell] * 8) == [None] * 8
    assert count(session) == 3


def test_only_ones_own_news_is_marked_and_the_first_reading_counts(
    session: Session, now: datetime
) -> None:
    me, other = make_actor(Role.AUDITOR), make_actor(Role.AUDITOR)
    service.notify(session, [me.user_id, other.user_id], "k", NEWS, "/desk")
    session.commit()
    service.mark_all_read(me, now)
    service.mark_all_read(me, now + timedelta(days=1))
    rows = session.execute(select(InboxItem.person_id, InboxItem.read_at))
    read = {row.person_id: row.read_at for row in rows}
    assert read == {me.user_id: now, other.user_id: None}
    assert (queries.unread(session, me.user_id), queries.unread(session, other.user_id)) == (0, 1)


def test_pages_miss_nothing_even_when_all_came_at_the_same_instant(
    session: Session, now: datetime
) -> None:
    person = make_person()
    item = InboxItem(person_id=person.id, key="0", subject="x", parameters={}, url="/desk", at=now)
    session.add(item)
    session.flush()
    copies(item, 24, key=lambda i: f"same-{i}")
    copies(item, 5, key=lambda i: f"older-{i}", at=lambda i: now - timedelta(minutes=i + 1))
    found, before = [], None
    while page := queries.inbox(session, person.id, before, 7):
        found += [row.key for row in page]
        before = page[-1].at, page[-1].id
    assert len(found) == len(set(found)) == 30
    assert found[-5:] == [f"older-{i}" for i in range(5)]
    assert queries.inbox(session, uuid4()) == []


def test_the_inbox_page_shows_what_is_new_in_both_languages_and_only_to_its_owner(
    app: Flask, client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    person, other = make_person(Role.AUDITOR), make_person(Role.AUDITOR)
    service.notify(session, [person.id], "k", NEWS, "/desk")
    assert client.get("/inbox").status_code == 302
    sign_in(client, person)
    page = client.get("/inbox").text
    assert "动作捕捉" in page
    assert "stands" not in page
    assert "news__one--new" in page
    assert "The ranking of “动作捕捉” stands." in client.get("/inbox?lang=en").text
    stranger = app.test_client()
    sign_in(stranger, other)
    assert "动作捕捉" not in stranger.get("/inbox").text
    stranger.post("/inbox/read")
    assert queries.unread(session, person.id) == 1
    assert client.post("/inbox/read").status_code == 303
    session.expire_all()
    assert queries.unread(session, person.id) == 0
    assert "news__one--new" not in client.get("/inbox").text


def test_the_inbox_is_walked_page_by_page_and_bears_nonsense(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    person = make_person(Role.AUDITOR)
    item = InboxItem(person_id=person.id, key="0", subject="x", parameters={}, url="/desk", at=now)
    session.add(item)
    session.flush()
    copies(item, 119, key=lambda i: f"same-{i}")
    sign_in(client, person)
    address, pages = "/inbox", []
    while address:
        page = client.get(address).text
        pages.append(page.count('<li class="news__one'))
        _, link, rest = page.partition('rel="next" href="')
        address = rest.partition('"')[0].replace("&amp;", "&") if link else ""
    assert pages == [50, 50, 20]
    for nonsense in ("x", "2026-01-01", "2026-01-01T00:00:00+00:00|x", "|", "9" * 400):
        assert client.get("/inbox", query_string={"before": nonsense}).status_code == 200


def test_who_reads_english_reads_a_titles_english_in_news_and_mail(
    enter: Callable[[Person], FlaskClient], session: Session
) -> None:
    person = make_person(Role.AUDITOR, locale="en")
    both = Title("城市内涝", "Urban flooding")
    service.notify(
        session, [person.id], "k", Message(NEWS.text, {"title": both}), "/desk", "", True
    )
    session.commit()
    page = enter(person).get("/inbox").text
    assert "Urban flooding" in page
    assert "城市内涝" not in page
    [mail] = session.scalars(select(Mail))
    letter = parcel_of(mail)
    assert "Urban flooding" in letter.subject
    assert "城市内涝" not in letter.text + letter.html
