"""Mails reach a real server: once each, in the receiver's language, and again when it was away."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.words import Message
from portal.notifications import service as notifications
from portal.notifications.mails import queries, service
from portal.notifications.mails.letters import parcel_of
from portal.notifications.mails.models import Mail
from portal.notifications.mails.rules import KEPT_FOR, PATIENCE, MailState, Send, route_of
from portal.notifications.mails.smtp import connected
from tests.factories.accounts import make_person
from tests.notifications.mails.server import PostOffice
from tests.threads import at_once
from workers.schedule import CHORES

NEWS = Message("The ranking of “%(title)s” stands.", {"title": "动作\r\n捕捉"})
Connect = Callable[[], AbstractContextManager[Send]]


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


def to(post: PostOffice, user: str = "") -> Connect:
    route = route_of(
        f"smtp://{user}127.0.0.1:{post.port}?from=jb@gov.example", "https://jb.example"
    )
    assert route is not None
    return partial(connected, route)


def tell(session: Session, *people: Person, key: str = "k") -> None:
    with transaction():
        notifications.notify(session, [person.id for person in people], key, NEWS, "/desk")


def make_due(session: Session) -> None:
    """As if the pause were over."""
    session.execute(update(Mail).values(due_at=func.clock_timestamp(), locked_until=None))
    session.commit()


def states(session: Session) -> list[MailState]:
    session.expire_all()
    return list(session.scalars(select(Mail.state).order_by(Mail.at, Mail.address)))


def test_news_is_sent_once_as_text_and_html_in_the_receivers_language(
    session: Session, now: datetime, post: PostOffice
) -> None:
    reader = make_person(Role.AUDITOR)
    english = make_person(Role.AUDITOR, mail_locale="en")
    for _ in range(2):
        tell(session, reader, english)
    assert service.send_due(parcel_of, to(post), now) == 2
    assert service.send_due(parcel_of, to(post), now) == 0
    assert states(session) == [MailState.SENT] * 2
    assert post.connections == 1, "one connection for all"
    found = {mail.address: mail for mail in post.taken}
    ours, theirs = found[reader.email], found[english.email]
    assert ours.sender == "jb@gov.example"
    assert ours.message["Subject"] == "“动作 捕捉”已形成排序。"
    assert theirs.message["Subject"] == "The ranking of “动作 捕捉” stands."
    assert ours.message["Message-ID"].endswith("@jb.example>")
    for kind in ("plain", "html"):
        assert "http://127.0.0.1:8000/desk" in ours.part(kind)
        assert "http://127.0.0.1:8000/account/mail" in theirs.part(kind)
        assert "Open it in the portal" in theirs.part(kind)
        assert "Open it" not in ours.part(kind)


def test_whoever_wants_no_mail_or_has_left_gets_none(session: Session) -> None:
    quiet = make_person(Role.AUDITOR, wants_mail=False)
    gone = make_person(Role.AUDITOR, active=False)
    tell(session, quiet, gone)
    assert states(session) == []


def test_a_mail_is_written_only_with_its_cause(session: Session) -> None:
    reader = make_person(Role.AUDITOR)
    session.commit()

    def breaks_off() -> None:
        with transaction():
            notifications.notify(session, [reader.id], "k", NEWS, "/desk")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    assert states(session) == []


def test_while_the_server_is_away_mail_waits_longer_each_time_and_then_arrives(
    session: Session, now: datetime, post: PostOffice
) -> None:
    readers = [make_person(Role.AUDITOR) for _ in range(3)]
    tell(session, *readers)
    post.stop()
    pauses = []
    for _ in range(3):
        assert service.send_due(parcel_of, to(post), now) == 0
        assert service.send_due(parcel_of, to(post), now) == 0, "nothing is tried in the pause"
        due, clock = session.execute(select(func.min(Mail.due_at), func.clock_timestamp())).one()
        pauses.append(round((due - clock).total_seconds()))
        make_due(session)
    assert pauses == [15, 30, 60]
    assert states(session) == [MailState.WAITING] * 3
    assert any(session.scalars(select(Mail.last_error)))
    post.start()
    assert service.send_due(parcel_of, to(post), now) == 3
    assert sorted(mail.address for mail in post.taken) == sorted(one.email for one in readers)
    assert set(session.scalars(select(Mail.last_error))) == {""}


def test_a_server_that_hangs_up_half_way_gets_the_rest_later_and_none_twice(
    session: Session, now: datetime, post: PostOffice
) -> None:
    tell(session, *[make_person(Role.AUDITOR) for _ in range(4)])
    post.hangs_up_after = 2
    assert service.send_due(parcel_of, to(post), now) == 2
    post.hangs_up_after = None
    make_due(session)
    assert service.send_due(parcel_of, to(post), now) == 2
    assert len({mail.address for mail in post.taken}) == len(post.taken) == 4


def test_an_address_that_is_refused_stops_nobody_elses_mail(
    session: Session, now: datetime, post: PostOffice
) -> None:
    gone, full, well = (make_person(Role.AUDITOR) for _ in range(3))
    odd = make_person(Role.AUDITOR, email="one@example.org, other@example.org")
    post.answers = {gone.email: "550 no such user", full.email: "452 full"}
    tell(session, gone, full, well, odd)
    service.send_due(parcel_of, to(post), now)
    session.expire_all()
    found = {mail.address: mail for mail in session.scalars(select(Mail))}
    assert [mail.address for mail in post.taken] == [well.email]
    assert found[gone.email].state is MailState.GIVEN_UP
    assert "no such user" in found[gone.email].last_error
    assert found[odd.email].state is MailState.GIVEN_UP
    assert found[full.email].state is MailState.WAITING
    post.answers = {}
    assert service.retry_given_up(now) == 2
    make_due(session)
    service.send_due(parcel_of, to(post), now)
    assert {mail.address for mail in post.taken} == {well.email, gone.email, full.email}


def test_a_worker_that_dies_leaves_the_mail_to_the_next_under_the_same_number(
    session: Session, now: datetime, post: PostOffice
) -> None:
    tell(session, make_person(Role.AUDITOR))

    class Died(BaseException):
        pass

    def dies() -> AbstractContextManager[Send]:
        raise Died

    with pytest.raises(Died):
        service.send_due(parcel_of, dies, now)
    assert service.send_due(parcel_of, to(post), now) == 0, "the lease still holds"
    make_due(session)
    assert service.send_due(parcel_of, to(post), now) == 1
    number = session.scalars(select(Mail.id)).one()
    assert post.taken[0].message["Message-ID"] == f"<{number}@jb.example>"


def test_many_workers_at_once_send_each_mail_once(
    app: Flask, session: Session, now: datetime, post: PostOffice
) -> None:
    tell(session, *[make_person(Role.AUDITOR) for _ in range(6)])
    assert at_once(app, *[lambda: service.send_due(parcel_of, to(post), now)] * 4) == [None] * 4
    service.send_due(parcel_of, to(post), now)
    assert len({mail.address for mail in post.taken}) == len(post.taken) == 6


def test_old_news_is_not_sent_and_what_was_settled_is_forgotten_in_time(
    session: Session, now: datetime, post: PostOffice
) -> None:
    tell(session, make_person(Role.AUDITOR), make_person(Role.AUDITOR))
    late = now + PATIENCE + timedelta(minutes=1)
    assert service.send_due(parcel_of, to(post), late) == 0
    assert (states(session), post.taken) == ([MailState.GIVEN_UP] * 2, [])
    service.forget_old(now + KEPT_FOR)
    assert len(states(session)) == 2
    service.forget_old(late + KEPT_FOR)
    assert states(session) == []


def test_without_a_server_mail_is_kept_by_the_chore(session: Session, now: datetime) -> None:
    tell(session, make_person(Role.AUDITOR))
    CHORES["send_mail"](now)
    assert states(session) == [MailState.KEPT]


def test_a_mail_that_cannot_be_written_stops_no_other(
    session: Session, now: datetime, post: PostOffice
) -> None:
    tell(session, make_person(Role.AUDITOR), make_person(Role.AUDITOR))
    broken = session.scalars(select(Mail.id).limit(1)).one()
    session.execute(update(Mail).where(Mail.id == broken).values(subject="%(nothing)s"))
    session.commit()
    assert service.send_due(parcel_of, to(post), now) == 1
    assert sorted(states(session)) == [MailState.GIVEN_UP, MailState.SENT]


def test_a_password_is_not_sent_without_tls(
    session: Session, now: datetime, post: PostOffice
) -> None:
    tell(session, make_person(Role.AUDITOR))
    assert service.send_due(parcel_of, to(post, "me:secret@"), now) == 0
    assert post.taken == []
    assert "TLS" in session.scalars(select(Mail.last_error)).one()


def test_what_became_of_a_mail_is_known_by_its_key(session: Session) -> None:
    reader = make_person(Role.AUDITOR)
    tell(session, reader, key="known")
    asked = [(reader.email, "known"), (reader.email, "other"), ("other@example.org", "known")]
    assert queries.states_of(session, asked) == {"known": MailState.WAITING}
    assert queries.waiting(session) == 1
