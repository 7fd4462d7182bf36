"""Parts of pages: rendered once for the same values and language, never for others."""

import gzip
from datetime import timedelta

import pytest
from flask import session as flask_session
from markupsafe import escape

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import clock, parts
from portal.core.access import SYSTEM, Role
from tests.copies import counted
from tests.factories.accounts import make_person
from tests.factories.challenges import make_challenge

KEPT = 3


def test_the_part_that_was_not_asked_for_the_longest_goes():
    known: parts.Kept = parts.Kept(KEPT)
    for name in "abc":
        known.put((name,), escape(name))
    assert known.get(("a",)) == "a"
    known.put(("d",), escape("d"))
    assert [name for name in "abcd" if known.get((name,))] == ["a", "c", "d"]


def test_a_part_is_rendered_once_for_the_same_values_and_language(app, monkeypatch):
    rendered = []
    monkeypatch.setattr(parts, "render_template", lambda name, **v: rendered.append(v) or "<b>")
    app.extensions["portal_parts"] = parts.Kept()
    for language, values in (
        ("zh", {"n": 1}),
        ("zh", {"n": 1}),
        ("zh", {"n": 2}),
        ("en", {"n": 1}),
    ):
        with app.test_request_context(f"/?lang={language}"):
            assert parts.part("x.html", **values) == "<b>"
    assert rendered == [{"n": 1}, {"n": 2}, {"n": 1}]


@pytest.fixture
def sharing(app, monkeypatch):
    """Strangers share pages, as in life."""
    monkeypatch.setitem(app.config, "SHARE_PAGES", True)
    app.extensions["portal_pages"] = parts.Kept()


def test_strangers_share_a_page_until_something_is_logged(client, session, sharing, now):
    challenge = make_challenge(published=True, title="第一个题目")
    clock.move(session, timedelta(microseconds=-now.microsecond % 10**6 + 1000))
    assert "第一个题目" in client.get("/challenges").text
    with counted() as statements:
        assert "第一个题目" in client.get("/challenges").text
    assert len(statements) == 1
    challenge.title = "改过的题目"
    audit.record(session, SYSTEM, Action.CHALLENGE_EDITED, challenge.subject_ref, now)
    session.commit()
    assert "改过的题目" in client.get("/challenges").text
    clock.move(session, timedelta(days=100))
    assert "已截止" in client.get("/challenges").text


def test_each_language_and_each_address_has_its_own_page(client, session, sharing):
    make_challenge(published=True, title="第一个题目", title_en="The first title")
    make_challenge(published=True, title="第二个题目", title_en="The second title")
    for path, there, missing in (
        ("/challenges?lang=zh", "第一个题目", "The first title"),
        ("/challenges?lang=en", "The first title", "第一个题目"),
        ("/challenges?lang=en&words=second", "The second title", "The first title"),
    ):
        page = client.get(path).text
        assert there in page
        assert missing not in page


def test_a_page_with_a_forms_token_is_not_shared(app, sharing):
    with app.test_request_context("/x"):
        pages = iter(("one", "two"))

        def view() -> str:
            flask_session["csrf_token"] = "secret"
            return next(pages)

        assert parts.shared(view)() == "one"
        flask_session.clear()
        assert parts.shared(view)() == "two"


def test_a_page_for_all_travels_pressed_and_one_for_a_single_reader_does_not(
    client, session, sign_in, sharing
):
    session.commit()
    ask = {"Accept-Encoding": "gzip, br"}
    plain, pressed = client.get("/challenges"), client.get("/challenges", headers=ask)
    assert "Content-Encoding" not in plain.headers
    assert pressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(pressed.data)[:15] == plain.data[:15] == b"<!DOCTYPE html>"
    assert "Accept-Encoding" in plain.vary
    assert "Cookie" in plain.vary
    sign_in(client, make_person(Role.AUDITOR))
    assert "Content-Encoding" not in client.get("/challenges", headers=ask).headers


def test_nobody_sees_the_page_of_another_person(client, session, sign_in, sharing):
    make_challenge(published=True)
    person = make_person(Role.AUDITOR)
    session.commit()
    stranger = client.get("/challenges").text
    sign_in(client, person)
    own = client.get("/challenges").text
    assert person.name in own
    assert person.name not in stranger
    client.post("/sign-out")
    assert person.name not in client.get("/challenges").text
