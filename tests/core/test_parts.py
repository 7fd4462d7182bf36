"""Parts of pages: rendered once for the same values and language, never for others."""

from datetime import timedelta

from markupsafe import escape

from portal.core import parts
from portal.core.access import Role
from tests.factories.accounts import make_person
from tests.factories.challenges import make_challenge

KEPT = 3


def test_the_part_that_was_not_asked_for_the_longest_goes():
    known = parts.Parts(KEPT)
    for name in "abc":
        known.put((name,), escape(name))
    assert known.get(("a",)) == "a"
    known.put(("d",), escape("d"))
    assert [name for name in "abcd" if known.get((name,))] == ["a", "c", "d"]


def test_a_part_is_rendered_once_for_the_same_values_and_language(app, monkeypatch):
    rendered = []
    monkeypatch.setattr(parts, "render_template", lambda name, **v: rendered.append(v) or "<b>")
    app.extensions["portal_parts"] = parts.Parts()
    for language, values in (
        ("zh", {"n": 1}),
        ("zh", {"n": 1}),
        ("zh", {"n": 2}),
        ("en", {"n": 1}),
    ):
        with app.test_request_context(f"/?lang={language}"):
            assert parts.part("x.html", **values) == "<b>"
    assert rendered == [{"n": 1}, {"n": 2}, {"n": 1}]


def test_the_list_shows_every_change_at_once_in_each_language(client, session):
    challenge = make_challenge(published=True, title="第一个题目", title_en="The first title")
    for language, title in (("zh", "第一个题目"), ("en", "The first title")):
        assert title in client.get(f"/challenges?lang={language}").text
    challenge.title = "改过的题目"
    challenge.closes_at = challenge.published_at + timedelta(microseconds=1)
    page = client.get("/challenges?lang=zh").text
    assert "改过的题目" in page
    assert "第一个题目" not in page
    assert "已截止" in page


def test_nobody_sees_the_page_of_another_person(client, session, sign_in):
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
