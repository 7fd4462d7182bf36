"""What every page owes its reader: who may come in, in which language, under which headers."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person, SignInSession
from portal.app import create_app
from portal.bids.terms import BidTerms
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.files import StoredFile
from portal.core.web import FILTERS, download
from tests.conftest import FreshClient
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.bids import PDF, make_bid
from tests.factories.challenges import make_challenge

SignIn = Callable[[FlaskClient, Person], None]
FOREIGN = [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
]


def test_a_stranger_is_sent_to_the_sign_in_page_and_comes_back(
    client: FlaskClient, session: Session
) -> None:
    person = make_person(Role.AUDITOR)
    answer = client.get("/log/entries?subject=bid:1")
    assert answer.status_code == 302
    target = urlsplit(answer.location)
    assert target.path == "/sign-in"
    assert parse_qs(target.query) == {"next": ["/log/entries?subject=bid:1"]}
    entered = client.post(answer.location, data={"email": person.email, "password": PASSWORD})
    assert entered.status_code == 303
    assert entered.location == "/log/entries?subject=bid:1"
    client.post("/sign-out")
    posted = client.post("/inbox/read")
    assert parse_qs(urlsplit(posted.location).query) == {"next": ["/"]}


def test_next_leads_to_a_path_of_this_site_only(client: FlaskClient, session: Session) -> None:
    person = make_person(Role.AUDITOR)
    for target in FOREIGN:
        data = {"email": person.email, "password": PASSWORD}
        answer = client.post("/sign-in", query_string={"next": target}, data=data)
        assert answer.status_code == 303
        assert answer.location == "/", target
        client.post("/sign-out")


NOWHERE = [
    "/challenges/a%00b",
    "/challenges?words=%00",
    "/no-such-page",
    "/bids/not-an-id",
    "/%ff%fe",
]


def test_what_is_not_there_is_not_found_in_both_languages(
    client: FlaskClient, session: Session
) -> None:
    for address in NOWHERE:
        joint = "&" if "?" in address else "?"
        for language, words in (("zh", "页面不存在"), ("en", "does not exist")):
            answer = client.get(f"{address}{joint}lang={language}")
            assert answer.status_code == 404, address
            assert words in answer.text
            assert language_of(answer) == language
            assert "Traceback" not in answer.text


def test_errors_are_pages_too(client: FlaskClient, session: Session, sign_in: SignIn) -> None:
    assert client.post("/challenges").status_code == 405
    assert "不能这样使用" in client.post("/challenges").text
    sign_in(client, make_person(Role.BIDDER_LEAD))
    refused = client.get("/log/entries?lang=en")
    assert refused.status_code == 403
    assert 'href="/"' in refused.text


def test_a_crash_shows_a_page_and_no_inside(app: Flask, client: FlaskClient) -> None:
    name, secret = "house.crash", "secret-detail"

    def crash() -> str:
        raise ZeroDivisionError(secret)

    crash.access = "public"  # type: ignore[attr-defined]
    app.view_functions[name] = crash
    app.url_map.add(app.url_rule_class("/crash", endpoint=name))
    try:
        answer = client.get("/crash")
        assert answer.status_code == 500
        assert "未作任何更改" in answer.text
        assert secret not in answer.text
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    finally:
        del app.view_functions[name]


ODD_QUERIES = [
    "endpoint=x",
    "_external=1&_scheme=javascript",
    "_scheme=ftp",
    "_anchor=x",
    "_method=POST",
    "values=1",
    "self=1",
    "code=other",
    "lang=&lang=en",
    "before=9999-12-31T23:59:59%2B00:00",
    "before=nonsense",
    "cluster=%25&words=%25%5C_",
]


def test_nothing_in_the_query_breaks_a_page_or_gets_into_its_links(
    client: FlaskClient, session: Session
) -> None:
    challenge = make_challenge(published=True)
    for query in ODD_QUERIES:
        for path in ("/challenges", f"/challenges/{challenge.code}", "/"):
            page = client.get(f"{path}?{query}")
            assert page.status_code == 200, (path, query)
            assert not re.search(r'href="(javascript|ftp|http)', page.text), query
            links = re.findall(r'href="([^"]*lang=(?:en|zh)[^"]*)"', page.text)
            assert len(links) >= 1
            assert all(link.partition("?")[0] == path for link in links), (query, links)


def language_of(answer: Any) -> str:
    found = re.search(r'<html[^>]* lang="([a-z]{2})', answer.text)
    assert found is not None
    return found[1]


def test_the_language_is_the_accounts_then_the_one_asked_for_then_the_browsers(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    client = app.test_client()
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    assert language_of(client.get("/")) == "zh"
    assert language_of(client.get("/", headers={"Accept-Language": "fr,de"})) == "zh"
    assert language_of(client.get("/", headers={"Accept-Language": "zh-CN,en;q=0.5"})) == "zh"
    assert language_of(client.get("/", headers=english)) == "en"
    assert language_of(client.get("/?lang=xx", headers=english)) == "en"
    assert language_of(client.get("/?lang=zh", headers=english)) == "zh"
    assert language_of(client.get("/", headers=english)) == "zh"  # it is remembered
    person = make_person(Role.AUDITOR, locale="en")
    sign_in(client, person)
    assert language_of(client.get("/desk")) == "en"
    assert language_of(client.get("/desk?lang=zh")) == "en"
    elsewhere = app.test_client()
    sign_in(elsewhere, person)
    chosen = client.post("/account/language", data={"language": "zh", "back": "/inbox?a=b"})
    assert (chosen.status_code, chosen.location) == (303, "/inbox?a=b")
    assert language_of(elsewhere.get("/desk", headers=english)) == "zh"
    for wrong in ({"language": "xx"}, {"language": "en", "back": FOREIGN[0]}):
        assert client.post("/account/language", data=wrong).location == "/"
    assert language_of(client.get("/desk")) == "en"


def test_a_page_that_answers_a_post_changes_its_language_to_a_page_that_there_is(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    bid = make_bid(submitted=False, partners=[])
    bid.terms = BidTerms()
    person = session.get_one(Person, bid.started_by)
    session.commit()
    sign_in(client, person)
    page = client.post(f"/bids/{bid.id}/submit")
    assert page.status_code == 422
    backs = re.findall(r'name="back" value="([^"]*)"', page.text)
    assert len(backs) == 1
    asked = {"language": "en", "back": backs[0]}
    answer = client.post("/account/language", data=asked, follow_redirects=True)
    assert answer.status_code == 200
    assert language_of(answer) == "en"


def test_every_kind_of_answer_has_the_headers(
    client: FlaskClient, session: Session, sign_in: SignIn, store: Any
) -> None:
    store.put(PDF)
    bid = make_bid()
    lead = session.get_one(Person, bid.started_by)
    session.commit()
    answers = [
        client.get("/"),
        client.get("/desk"),
        client.get("/no-such-page"),
        client.get("/healthz"),
        client.post("/sign-in", data={}),
    ]
    sign_in(client, lead)
    document = client.get(f"/bids/{bid.id}/document")
    answers += [client.get("/desk"), client.get(f"/bids/{bid.id}"), document]
    assert [answer.status_code for answer in answers] == [200, 302, 404, 200, 422, 200, 200, 200]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] in ("SAMEORIGIN", "DENY")
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert document.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in document.headers["Cache-Control"]


def test_the_cookie_is_for_this_site_and_not_for_scripts(
    client: FlaskClient, session: Session
) -> None:
    person = make_person(Role.AUDITOR)
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


@pytest.fixture
def strict(settings: Settings, session: Session) -> Iterator[FlaskClient]:
    """A client of the portal as it is served: forms need their token."""
    made = create_app(settings, {"TESTING": True, "RATELIMIT_ENABLED": False})
    made.test_client_class = FreshClient
    yield made.test_client()
    with made.app_context():
        db.engine.dispose()


def test_a_form_without_its_token_is_refused(strict: FlaskClient, session: Session) -> None:
    person = make_person(Role.AUDITOR)
    data = {"email": person.email, "password": PASSWORD}
    refused = strict.post("/sign-in", data=data)
    assert refused.status_code == 400
    assert "刷新" in refused.text or "重新" in refused.text
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 0
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', strict.get("/sign-in").text)
    assert found is not None
    assert strict.post("/sign-in", data={**data, "csrf_token": found[1]}).status_code == 303


def multipart(data: bytes) -> tuple[bytes, str]:
    """A body with one file; the test client's own would stay open when it is not read."""
    head = 'Content-Disposition: form-data; name="document"; filename="a.pdf"\r\n\r\n'
    body = b"--limit\r\n" + head.encode() + data + b"\r\n--limit--\r\n"
    return body, "multipart/form-data; boundary=limit"


def test_an_upload_above_the_limit_is_refused_and_nothing_is_kept(
    client: FlaskClient, session: Session, sign_in: SignIn, settings: Settings
) -> None:
    bid = make_bid()
    lead, before = session.get_one(Person, bid.started_by), bid.changed_at
    session.commit()
    sign_in(client, lead)
    files = Path(settings.storage_url.removeprefix("file://"))
    kept = sorted(files.rglob("*"))
    for size, code in ((60, 413), (51, 422)):
        body, kind = multipart(PDF + bytes(size << 20))
        answer = client.post(f"/bids/{bid.id}/edit/attachments", data=body, content_type=kind)
        assert answer.status_code == code
        assert "50 MB" in answer.text
    session.expire_all()
    assert bid.changed_at == before
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 1
    assert sorted(files.rglob("*")) == kept


def test_the_time_of_a_page_is_the_databases(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    challenge = make_challenge(published=True, days=1)
    address = f"/challenges?stage=open&words={challenge.title}"
    assert challenge.code in client.get(address).text
    clock.move(session, timedelta(days=2))
    session.commit()
    assert challenge.code not in client.get(address).text


def test_a_static_file_is_what_its_type_says_and_for_this_site_alone(client):
    with client.get("/static/css/tokens.css") as answer:
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("name", ["方案 第1版.pdf", "plain.pdf", 'a"b;é.榜', "\U00020000.xlsx"])
def test_a_file_of_any_name_is_sent_under_it_in_a_head_of_ascii(app: Flask, name: str) -> None:
    with app.app_context():
        head = download(b"x", "application/pdf", name).headers["Content-Disposition"]
    assert head.isascii()
    assert unquote(head.partition("filename*=UTF-8''")[2]) == name


def test_an_amount_is_read_in_the_way_of_its_language(app):
    for language, words in (
        ("zh", ("800.00", "万元")),
        ("en", ("8,000,000", "yuan")),
    ):
        with app.test_request_context(f"/?lang={language}"):
            assert FILTERS["amount"](Decimal("8000000")) == words
    with app.test_request_context("/?lang=en"):
        assert FILTERS["amount"]("1234.5")[0] == "1,234.50"
