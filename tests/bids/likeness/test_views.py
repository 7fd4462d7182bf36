"""The pages of likeness: what officers and auditors see, and that nobody else does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.accounts.rules import Level, OrganisationKind
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids.likeness import screens
from portal.bids.likeness.models import BidText, LikePair
from portal.bids.likeness.rules import PairState
from portal.bids.likeness.screens import Piece
from portal.bids.likeness.service import KIND
from portal.core.access import Role
from portal.core.jobs import Job
from tests.factories.accounts import make_organisation, make_person
from tests.factories.bids import make_bid, make_bid_challenge, make_partner
from tests.factories.challenges import make_call, make_officer
from tests.factories.likeness import make_pair

SignIn = Callable[[FlaskClient, Person], None]
Enter = Callable[[Person], FlaskClient]
WHY = "两队引用了同一份公开标准。"
LEFT = "本队自有引擎<b>。数据驱动的三维重建方法已在首钢园验证,效果良好。结束"
RIGHT = "另一队的开头。数据驱动的三维重建方法已在首钢园验证,效果良好。别的话"


@pytest.fixture
def enter(app: Flask, session: Session, sign_in: SignIn) -> Enter:
    """A browser of its own in which a person is signed in."""

    def as_person(person: Person) -> FlaskClient:
        session.commit()
        client = app.test_client()
        sign_in(client, person)
        return client

    return as_person


def read(session: Session, pair: LikePair, now: datetime) -> None:
    """Keep the two texts, and the passage that both have."""
    both = "数据驱动的三维重建方法已在首钢园验证,效果良好。"
    for bid, text in ((pair.bid, LEFT), (pair.other, RIGHT)):
        parts = [{"start": 0, "name": "route", "page": 0}]
        facts = {"text": text, "parts": parts, "traces": {}, "unread": [], "sketch": b""}
        version = bid.versions[0].id
        session.add(BidText(version_id=version, method=1, read_at=now, **facts))
    spans = [[[text.index(both), text.index(both) + len(both)]] for text in (LEFT, RIGHT)]
    pair.passages = [{"length": 23, "left": spans[0], "right": spans[1]}]
    pair.passages_in_all = 1
    session.commit()


def test_the_officer_reads_the_passages_side_by_side_judges_and_finds_the_judgement_again(
    session: Session, enter: Enter, now: datetime
) -> None:
    pair = make_pair(score=Decimal("0.62"))
    read(session, pair, now)
    code, page = pair.challenge.code, f"/likeness/{pair.id}"
    browser = enter(make_officer(pair.challenge))
    listed = browser.get(f"/challenges/{code}/likeness").text
    assert "62" in listed
    assert page in listed
    shown = browser.get(page).text
    assert shown.count("<mark>数据驱动的三维重建方法已在首钢园验证,效果良好。</mark>") == 2
    assert "&lt;b&gt;" in shown
    assert "13800138000" in shown
    wrong = browser.post(page, data={"note": WHY})
    assert wrong.status_code == 422
    assert WHY in wrong.text
    assert browser.post(page, data={"verdict": "harmless", "note": "无"}).status_code == 422
    kept = browser.post(page, data={"verdict": "follow_up", "note": WHY})
    assert kept.location == f"/challenges/{code}/likeness"
    assert WHY in browser.get(page).text
    session.expire_all()
    assert pair.state is PairState.FOLLOW_UP
    kinds = list(session.scalars(select(Entry.kind).where(Entry.subject_ref.like("bid:%"))))
    assert kinds.count(Action.BID_READ.value) >= 2


def test_auditors_read_and_do_not_judge_and_teams_and_strangers_find_nothing(
    session: Session, enter: Enter, now: datetime
) -> None:
    pair = make_pair()
    read(session, pair, now)
    code, page = pair.challenge.code, f"/likeness/{pair.id}"
    auditor = enter(make_person(Role.AUDITOR))
    assert auditor.get(f"/challenges/{code}/likeness").status_code == 200
    assert "verdict" not in auditor.get(page).text
    answer = {"verdict": "harmless", "note": WHY}
    assert auditor.post(page, data=answer).status_code == 403
    assert auditor.post(f"/challenges/{code}/likeness").status_code == 403
    team = session.get_one(Person, pair.bid.started_by)
    for person in (
        team,
        make_person(Role.PARTNER, organisation=make_partner()),
        make_person(Role.REVIEWER),
        make_person(Role.ADMINISTRATOR),
        make_person(Role.DISTRICT_OFFICER, organisation=make_organisation()),
    ):
        browser = enter(person)
        for path in (page, f"/challenges/{code}/likeness"):
            assert browser.get(path).status_code == 404
            assert browser.post(path, data=answer).status_code == 404
        assert "likeness" not in browser.get(f"/challenges/{code}").text
    session.expire_all()
    assert pair.state is PairState.OPEN


def body(name: str) -> Organisation:
    return make_organisation(
        name=name, kind=OrganisationKind.GOVERNMENT, level=Level.DISTRICT, uscc=None, district=name
    )


def test_a_district_officer_learns_that_another_bodys_bid_is_alike_but_not_what_it_says(
    session: Session, enter: Enter, now: datetime
) -> None:
    home = body("石景山区")
    own = make_bid_challenge(opened=True, call=make_call(issuer=home))
    theirs = make_bid_challenge(opened=True, opened_at=now - timedelta(days=99))
    other = make_bid(opened=True, challenge=theirs)
    pair = make_pair(make_bid(opened=True, challenge=own), other)
    read(session, pair, now)
    officer = make_person(Role.DISTRICT_OFFICER, organisation=home)
    district, city = enter(officer), enter(make_person(Role.CITY_OFFICER))
    for path in (f"/likeness/{pair.id}", f"/challenges/{own.code}/likeness"):
        hidden, whole = district.get(path).text, city.get(path).text
        assert theirs.code in hidden
        assert other.lead.name not in hidden
        assert "另一队的开头" not in hidden
        assert "13800138000" not in hidden
        assert other.lead.name in whole
    assert "另一队的开头" in city.get(f"/likeness/{pair.id}").text


def test_the_button_leads_to_the_task_and_before_the_opening_there_is_no_page(
    session: Session, enter: Enter
) -> None:
    pair = make_pair()
    sealed = make_bid(submitted=True)
    browser = enter(make_officer(pair.challenge))
    answer = browser.post(f"/challenges/{pair.challenge.code}/likeness")
    job = session.scalars(select(Job)).one()
    assert (answer.location, job.kind) == (f"/jobs/{job.id}", KIND)
    assert f"/jobs/{job.id}" in browser.get(f"/challenges/{pair.challenge.code}/likeness").text
    other = enter(make_officer(sealed.challenge))
    assert other.get(f"/challenges/{sealed.challenge.code}/likeness").status_code == 404
    assert other.post(f"/challenges/{sealed.challenge.code}/likeness").status_code == 404


SPANS = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), min_size=1, max_size=6)


@given(SPANS, st.integers(1, 200), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=150)
def test_the_pieces_say_what_the_text_says_of_the_part_and_mark_nothing_else(
    drawn: list[tuple[int, int]], limit: int, before: int, after: int
) -> None:
    text = "".join(chr(0x4E00 + n) for n in range(120))
    spans = sorted((start, min(start + length, 120)) for start, length in drawn)
    floor = max(0, spans[0][0] - before)
    ceiling = min(120, max(end for _, end in spans) + after)
    pieces = list(screens._pieces(text, spans, spans[0][0] + limit, (floor, ceiling)))
    said = "".join(piece.text for piece in pieces).strip("…")
    assert said in text[floor:ceiling]
    marked = {ord(c) - 0x4E00 for piece in pieces if piece.same for c in piece.text}
    allowed = {place for start, end in spans for place in range(start, end)}
    assert marked == {place for place in allowed if place < spans[0][0] + limit}
    assert Piece("…", True) not in pieces
