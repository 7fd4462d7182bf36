"""The page of a draw: what each reader sees of it, its forms, and the record that a stranger checks."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import drawn
from portal.accounts.models import Person
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core import clock
from portal.core.access import Role
from portal.reviews.draws import queries
from portal.reviews.rounds import answers
from portal.reviews.rounds import service as rounds
from tests.factories.accounts import make_organisation, make_person
from tests.factories.awards import officer_of
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.draws import PHRASES, give, make_frozen, make_present, sealed
from tests.factories.reviews import (
    make_review_challenge,
    make_reviewer,
    make_round,
    reviewer_of,
    seats_of,
)

Enter = Callable[[Person], FlaskClient]


def address(challenge: Challenge) -> str:
    return f"/challenges/{challenge.code}/draw"


def auditor() -> Person:
    return make_person(Role.AUDITOR, organisation=make_organisation())


def test_those_who_are_present_are_led_through_a_draw_that_a_stranger_then_runs_again(
    app: Flask, session: Session, enter: Enter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    challenge, people = make_review_challenge(), [auditor(), auditor()]
    experts = [make_reviewer() for _ in range(4)]
    officer, page = enter(make_officer(challenge)), address(challenge)
    chosen = {"kind": "phrase", "present": [str(one.id) for one in people]}
    wrong = officer.post(f"{page}/freeze", data={**chosen, "present": [str(people[0].id)]})
    assert wrong.status_code == 422
    assert "请选择 2 至 5 人" in wrong.text
    assert officer.post(f"{page}/freeze", data=chosen).status_code == 303
    assert "/freeze" not in officer.get(page).text
    seats = [enter(one) for one in people]
    for client, phrase in zip(seats, PHRASES, strict=True):
        assert "提交随机值" in client.get("/desk").text
        assert client.post(f"{page}/phrase", data={"phrase": "短"}).status_code == 422
        assert client.post(f"{page}/phrase", data={"phrase": phrase}).status_code == 303
        assert client is seats[-1] or "提交随机值" not in client.get("/desk").text
    stranger = app.test_client()
    assert not any(phrase in stranger.get(page).text for phrase in PHRASES)
    assert stranger.get(f"{page}.json").status_code == 404
    for client, phrase in zip(seats, PHRASES, strict=True):
        assert client.post(f"{page}/show", data={"phrase": phrase}).status_code == 303
    shown = stranger.get(page).text
    assert all(phrase in shown for phrase in PHRASES)
    assert not any(one.person.name in shown for one in [*experts])
    assert not any(one.name in shown for one in people)
    record = stranger.get(f"{page}.json")
    assert record.status_code == 200
    assert not any(str(one.id) in record.text for one in experts)
    (tmp_path / "draw.json").write_bytes(record.data)
    (tmp_path / "log.pub").write_bytes(stranger.get("/log/key").data)
    files = [str(tmp_path / "draw.json"), "--key", str(tmp_path / "log.pub")]
    assert drawn.main(files) == 0, capsys.readouterr().out
    aliases = seats[0].get(f"{page}/aliases.json?number=1")
    (tmp_path / "aliases.json").write_bytes(aliases.data)
    assert drawn.main([*files, "--aliases", str(tmp_path / "aliases.json")]) == 0
    assert officer.get(f"{page}/aliases.json").status_code == 403


def test_the_record_holds_on_when_somebody_declines_and_is_replaced(
    app: Flask, session: Session, now: datetime, tmp_path: Path
) -> None:
    challenge, present = make_review_challenge(), make_present()
    for _ in range(5):
        make_reviewer()
    make_frozen(challenge, present, now)
    give(challenge, present, now)
    review = rounds.start_round(officer_of(challenge), challenge.id, now)
    rounds.invite(review.id, now)
    first = seats_of(review)[0]
    answers.decline(reviewer_of(first), first.id, "不熟悉该领域", now)
    rounds.refill(review.id, now)
    sealed(now)
    client = app.test_client()
    record = client.get(f"{address(challenge)}.json")
    assert len(json.loads(record.data)["turns"]) == 4
    (tmp_path / "draw.json").write_bytes(record.data)
    (tmp_path / "log.pub").write_bytes(client.get("/log/key").data)
    assert drawn.main([str(tmp_path / "draw.json"), "--key", str(tmp_path / "log.pub")]) == 0


@pytest.mark.parametrize("is_published", [True, False])
def test_names_are_the_officers_and_everybodys_only_after_the_notice_if_the_challenge_says_so(
    app: Flask, session: Session, enter: Enter, is_published: bool
) -> None:
    review = make_round()
    challenge = review.challenge
    names = [seat.reviewer.person.name for seat in seats_of(review)]
    challenge.settings = {**challenge.settings, "experts_published": is_published}
    officer, stranger = enter(make_officer(challenge)), app.test_client()
    bidder = enter(make_person(Role.BIDDER_LEAD, organisation=make_organisation()))
    page = address(challenge)
    assert all(name in officer.get(page).text for name in names)
    for other in (stranger, bidder):
        assert not any(name in other.get(page).text for name in names)
    challenge.state = ChallengeState.NOTICED
    session.commit()
    assert all((name in stranger.get(page).text) is is_published for name in names)


def test_an_abandoned_draw_and_a_further_one_stay_in_sight(
    app: Flask, session: Session, enter: Enter
) -> None:
    now = clock.now(session)
    challenge, present = make_review_challenge(), make_present()
    for _ in range(3):
        make_reviewer()
    officer, page = enter(make_officer(challenge)), address(challenge)
    make_frozen(challenge, present, now)
    assert officer.post(f"{page}/abandon", data={"reason": "错"}).status_code == 422
    why = "名册漏登两位专家,须重新冻结。"
    assert officer.post(f"{page}/abandon", data={"reason": why}).status_code == 303
    text = app.test_client().get(page).text
    assert why in text
    assert "第 1 次抽取" in text
    make_frozen(challenge, present, now)
    draw = give(challenge, present, now)
    sealed(now)
    assert officer.post(f"{page}/further").status_code == 403
    draw.short_at = now
    session.commit()
    assert officer.post(f"{page}/further").status_code == 303
    assert [one.number for one in queries.of_challenge(session, challenge.id)] == [1, 2, 3]
    assert app.test_client().get(f"{page}.json?number=2").status_code == 200
    assert app.test_client().get(f"{page}.json?number=1").status_code == 404


def test_lottery_numbers_are_asked_for_and_typed(
    app: Flask, session: Session, enter: Enter
) -> None:
    challenge, people = make_review_challenge(), [auditor(), auditor()]
    for _ in range(3):
        make_reviewer()
    officer, page = enter(make_officer(challenge)), address(challenge)
    chosen = {"kind": "lottery", "present": [str(one.id) for one in people]}
    wrong = officer.post(
        f"{page}/freeze", data={**chosen, "lottery": "双色球", "day": "2020-01-01"}
    )
    assert wrong.status_code == 422
    named = {**chosen, "lottery": "双色球", "day": "2099-01-01"}
    assert officer.post(f"{page}/freeze", data=named).status_code == 303
    client = enter(people[0])
    assert "双色球 2099-01-01 开奖号码" in client.get(page).text
    early = client.post(f"{page}/numbers", data={"numbers": "1 2 3"})
    assert early.status_code == 409
    assert "尚未产生" in early.text


def test_what_is_not_published_has_no_draw_to_see(app: Flask, session: Session) -> None:
    draft, fresh = make_challenge(), make_challenge(published=True)
    session.commit()
    client = app.test_client()
    assert client.get(address(draft)).status_code == 404
    page = client.get(address(fresh))
    assert page.status_code == 200
    assert "数秒内" in page.text
    assert client.get(f"{address(fresh)}.json").status_code == 404
    assert address(fresh) not in client.get(f"/challenges/{fresh.code}").text
