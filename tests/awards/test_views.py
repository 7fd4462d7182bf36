"""The pages: what each reader sees, what comes back after wrong input, and how lists grow."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.awards import revising
from portal.awards.models import Notice
from portal.awards.objections.models import Objection
from portal.awards.rules import NoticeState
from portal.core.access import Role
from tests.copies import copies, counted
from tests.factories.accounts import make_person
from tests.factories.awards import (
    bids_of,
    make_notice,
    make_objection,
    make_ranked_challenge,
    officer_of,
)
from tests.factories.challenges import make_officer

SignIn = Callable[[FlaskClient, Person], None]
CONTACTS = {"business_contact": "高新处 010-1", "supervision_contact": "机关纪委 010-2"}
TEXT = "牵头单位与出题单位存在关联关系,请核实其股权结构。"


@pytest.fixture
def officer_page(client: FlaskClient, session: Session, sign_in: SignIn) -> tuple[str, Notice]:
    """A draft notice, and its officer signed in at its page."""
    notice = make_notice()
    officer = make_officer(notice.challenge)
    session.commit()
    sign_in(client, officer)
    return f"/challenges/{notice.challenge.code}/decision", notice


def test_the_decision_page_is_prefilled_by_the_ranking(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    challenge = make_ranked_challenge(winners=2)
    officer, outsider = make_officer(challenge), make_person(Role.BIDDER_LEAD)
    session.commit()
    url = f"/challenges/{challenge.code}/decision"
    assert client.get(url).status_code == 302
    sign_in(client, outsider)
    assert client.get(url).status_code == 404
    client.post("/sign-out")
    sign_in(client, officer)
    page = client.get(url)
    assert page.status_code == 200
    assert page.text.count('name="winners"') == 3
    assert page.text.count("checked") == 2


def test_a_decision_is_taken_published_and_confirmed_on_the_pages(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    challenge = make_ranked_challenge()
    officer, first = make_officer(challenge), bids_of(challenge)[0]
    session.commit()
    sign_in(client, officer)
    url = f"/challenges/{challenge.code}/decision"
    typed = {"winners": [str(first.id)], "meeting": "第12次主任办公会", **CONTACTS}
    answer = client.post(url, data=typed)
    assert answer.status_code == 303
    notice = session.scalars(select(Notice)).one()
    assert client.get(f"/notices/{challenge.code}").status_code == 404
    assert "window-days" in client.get(url).text
    assert client.post(f"/notices/{notice.id}/publish").status_code == 409
    assert client.post(f"/notices/{notice.id}/publish", data={"seen": "1"}).status_code == 303
    shown = client.get(f"/notices/{challenge.code}")
    assert shown.status_code == 200
    assert first.lead.name in shown.text
    assert client.post(f"/notices/{notice.id}/confirm").status_code == 409
    paper = client.get(f"/notices/{challenge.code}/1/paper")
    assert paper.mimetype == "application/pdf"
    assert paper.data.startswith(b"%PDF")
    assert client.get(url).status_code == 200


def test_an_award_is_confirmed_on_the_page_once_the_window_is_over(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    notice = make_notice(published=True, at=now - timedelta(days=30))
    officer, url = make_officer(notice.challenge), f"/challenges/{notice.challenge.code}/decision"
    session.commit()
    sign_in(client, officer)
    assert 'action="/notices/' in client.get(url).text
    assert client.post(f"/notices/{notice.id}/confirm").status_code == 303
    session.refresh(notice)
    assert notice.state is NoticeState.CONFIRMED
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"winners": ["nonsense"], "meeting": "会议"},
        {"winners": ["6c84fb90-12c4-11e1-840d-7b25c5ee775a"], "meeting": "会议"},
        {"meeting": "会" * 201},
        {"winners": [], "meeting": "某次会议", "deviation_reason": "由" * 2001},
    ],
)
def test_a_wrong_decision_comes_back_with_what_was_typed(
    client: FlaskClient,
    session: Session,
    officer_page: tuple[str, Notice],
    typed: dict[str, object],
) -> None:
    url, notice = officer_page
    before = notice.meeting
    page = client.post(url, data=typed)
    assert page.status_code == 422
    assert "error-summary" in page.text
    assert str(typed.get("meeting", "")) in page.text
    session.refresh(notice)
    assert notice.meeting == before


def test_strangers_change_nothing(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    notice = make_notice(published=True)
    objection = make_objection(notice)
    stranger = make_person(Role.CITY_OFFICER)
    session.commit()
    acts = ("publish", "confirm")
    paths = [f"/notices/{notice.id}/{act}" for act in acts]
    hidden = [f"/notices/{notice.id}/{act}" for act in ("withdraw", "correct")]
    own = [f"/objections/{objection.id}/{act}" for act in ("accept", "refuse", "answer")]
    for path in [*paths, *hidden, *own, f"/notices/{notice.id}/objections"]:
        answer = client.post(path)
        assert answer.status_code == 302
        assert "/sign-in" in answer.location
    sign_in(client, stranger)
    for path in paths:
        assert client.post(path).status_code == 403
    assert [client.post(path).status_code for path in [*hidden, *own]] == [403] * 5
    session.refresh(notice)
    assert notice.state is NoticeState.PUBLISHED


def test_everybody_reads_the_notice_and_only_the_signed_in_object(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    notice = make_notice(published=True)
    objector, other = make_person(Role.BIDDER_LEAD), make_person(Role.REVIEWER)
    session.commit()
    url = f"/notices/{notice.challenge.code}"
    page = client.get(url)
    assert "textarea" not in page.text
    assert notice.meeting in page.text
    losers = [place.lead for place in notice.places if not place.winner]
    assert not any(lead in page.text for lead in losers)
    sign_in(client, objector)
    for typed in ({}, {"text": "短"}, {"text": "长" * 5001}):
        page = client.post(f"/notices/{notice.id}/objections", data=typed)
        assert page.status_code == 422
        assert "error-summary" in page.text
    assert session.scalar(select(func.count()).select_from(Objection)) == 0
    assert client.post(f"/notices/{notice.id}/objections", data={"text": TEXT}).status_code == 303
    made = session.scalars(select(Objection)).one()
    assert f"/objections/{made.id}" in client.get(url).text
    assert TEXT in client.get(f"/objections/{made.id}").text
    client.post("/sign-out")
    sign_in(client, other)
    assert f"/objections/{made.id}" not in client.get(url).text
    assert client.get(f"/objections/{made.id}").status_code == 404


def test_a_withdrawn_notice_stays_readable_beside_the_new_one(
    client: FlaskClient, session: Session, now: datetime
) -> None:
    old = make_notice(published=True)
    make_objection(old, upheld=True)
    officer = officer_of(old.challenge)
    paper = revising.withdraw_notice(officer, old.id, TEXT, now)
    new = make_notice(published=True, challenge=old.challenge, number=3, replaces=paper)
    session.commit()
    code = new.challenge.code
    assert f"/notices/{code}/2" in client.get(f"/notices/{code}/1").text
    assert TEXT in client.get(f"/notices/{code}/2").text
    assert f"/notices/{code}/1" in client.get(f"/notices/{code}").text
    assert client.get(f"/notices/{code}/2/paper").data.startswith(b"%PDF")
    assert client.get(f"/notices/{code}/4").status_code == 404
    assert client.get("/notices/NONE").status_code == 404


def test_both_languages_and_no_notice_at_all(client: FlaskClient, session: Session) -> None:
    for language in ("zh", "en"):
        assert client.get("/notices", query_string={"lang": language}).status_code == 200
    challenge = make_notice(published=True).challenge
    challenge.title_en = "Positioning without markers"
    session.commit()
    for language, title in (("zh", challenge.title), ("en", challenge.title_en)):
        for path in ("/notices", f"/notices/{challenge.code}"):
            assert title in client.get(path, query_string={"lang": language}).text
    assert client.get("/notices?before=nonsense").status_code == 200


def more_notices(notice: Notice, number: int) -> None:
    """Copies of a notice, each on a challenge of its own, each later than the one before."""
    out, code = notice.published_at, notice.challenge.code
    assert out is not None
    challenges = copies(notice.challenge, number, code=lambda i: f"{code}-{i}")
    ids = copies(
        notice,
        number,
        challenge_id=lambda i: challenges[i],
        published_at=lambda i: out - timedelta(minutes=i),
    )
    for place in notice.places:
        copies(place, number, notice_id=lambda i: ids[i])


def test_the_list_asks_the_same_of_10_and_of_1000_notices(
    client: FlaskClient, session: Session
) -> None:
    notice = make_notice(published=True)
    more_notices(notice, 9)
    session.commit()
    with counted() as few:
        assert client.get("/notices").status_code == 200
    notice.challenge.code = "FIRST"
    more_notices(notice, 990)
    session.commit()
    with counted() as many:
        page = client.get("/notices")
    assert len(many) == len(few)
    assert page.text.count("<tr>") == 21
    assert "before=" in page.text
