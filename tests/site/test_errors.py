"""What an error looks like: in the reader's language where that is known, in both where it is not,
and always with a way on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.audit.models import Entry
from portal.config import Settings
from portal.core import web
from portal.core.access import Role
from portal.core.db import db
from tests.factories.accounts import make_person
from tests.portals import separate

SignIn = Callable[[FlaskClient, Person], None]
WORDS = {
    400: ("无法理解该请求", "could not be understood"),
    403: ("不对您开放", "not open to you"),
    404: ("该页面不存在", "This page does not exist"),
    405: ("不能这样使用该页面", "cannot be used in that way"),
    413: ("MB", "is too large"),
    429: ("尝试次数过多", "Too many tries"),
}
NOBODYS = "11111111-1111-4111-8111-111111111111"
AFRESH = "http://localhost/challenges?words=robot"


@contextmanager
def home_is(app: Flask, view: Callable[[], str]) -> Iterator[None]:
    """The front page does something else for a while."""
    kept = app.view_functions["site.home"]
    app.view_functions["site.home"] = web.public(view)
    try:
        yield
    finally:
        app.view_functions["site.home"] = kept


def failing() -> str:
    """Break off as the address says."""
    abort(int(request.args["code"]))


@pytest.mark.parametrize("code", WORDS)
def test_an_error_speaks_both_languages_and_has_ways_on(
    app: Flask, client: FlaskClient, session: Session, code: int
) -> None:
    chinese, english = WORDS[code]
    with home_is(app, failing):
        for language, words in (("en", english), ("zh", chinese)):
            came = {"Referer": AFRESH}
            page = client.get(f"/?code={code}&lang={language}", headers=came)
            assert page.status_code == code
            assert words in page.text
            for way in ("/", "/challenges", "/challenges?words=robot"):
                assert f'href="{way}"' in page.text
        elsewhere = {"Referer": "http://evil.example/challenges?words=robot"}
        assert "words=robot" not in client.get(f"/?code={code}", headers=elsewhere).text


def test_real_refusals_look_the_same(client: FlaskClient, session: Session) -> None:
    for path, method, code in (
        ("/nothing", "get", 404),
        ("/desk", "delete", 405),
        ("/readyz", "post", 405),
    ):
        page = client.open(path, method=method)
        assert page.status_code == code
        assert 'href="/"' in page.text


def test_who_is_refused_is_told_as_whom_and_the_log_notes_it(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    person = make_person(Role.PARTNER)
    sign_in(client, person)
    page = client.get("/people")
    assert page.status_code == 403
    assert "只有系统管理员可以这样做" in page.text
    assert f"您目前以 {person.name}" in page.text
    assert 'href="/desk"' in page.text
    for path in (f"/sheets/{NOBODYS}", f"/bids/{NOBODYS}", "/join/a-secret", "/nothing"):
        assert client.get(path).status_code == 404
    entries = session.scalars(
        select(Entry).where(Entry.kind == "access.denied").order_by(Entry.id)
    ).all()
    assert [(one.subject_ref, one.payload["path"]) for one in entries] == [
        ("page", "/people"),
        ("page", f"/sheets/{NOBODYS}"),
        (f"bid:{NOBODYS}", f"/bids/{NOBODYS}"),
        ("bid:unknown", "/join/…"),
    ], "also what does not exist for this person, without what opens it; no mere slip"


def test_too_many_tries_say_when_to_come_again(settings: Settings, session: Session) -> None:
    with separate(settings, RATELIMIT_ENABLED=True) as throttled:
        client = throttled.test_client()
        data, came = {"email": "a@example.org", "password": "wrong"}, "http://localhost/sign-in"
        for _ in range(11):
            page = client.post("/sign-in", data=data, headers={"Referer": came})
    assert page.status_code == 429
    assert page.text.count('href="/sign-in"') == 2, "in the head, and as the page before"
    assert page.headers["Retry-After"] == "60"


def test_a_crash_shows_no_innards_in_both_languages_without_the_database(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        monkeypatch.setattr(web, "stamp", unreachable)
        monkeypatch.setattr(db.session, "execute", unreachable)
        raise RuntimeError("secret innards")

    def unreachable(*_: object, **__: object) -> None:
        raise AssertionError("an error's page asked the database")

    with home_is(app, broken):
        page = client.get("/?lang=en", headers={"Referer": AFRESH})
        monkeypatch.undo()
    assert page.status_code == 500
    assert "secret innards" not in page.text
    for words in ("系统出现问题，未作任何更改。", "Nothing was changed.", "Try again", "返回首页"):
        assert words in page.text
    for way in ("/", "/?lang=en", "/challenges?words=robot"):
        assert f'href="{way}"' in page.text


@pytest.mark.parametrize(("told", "until"), [("yes", ""), ("2026-12-01 06:00", "2026-12-01 06:00")])
def test_while_the_portal_is_worked_on_all_are_told_to_come_back(
    settings: Settings, session: Session, told: str, until: str
) -> None:
    closed = replace(
        settings, maintenance=told, database_url="postgresql+psycopg://nobody@/nowhere"
    )
    with separate(closed) as app:
        client = app.test_client()
        assert client.get("/healthz").status_code == 200
        for method, path in (
            ("get", "/challenges"),
            ("post", "/sign-in"),
            ("get", "/no-such-page"),
        ):
            page = client.open(path, method=method)
            assert page.status_code == 503
            assert page.headers["Retry-After"] == "600"
            for words in ("系统维护中", "is being worked on", until):
                assert words in page.text
