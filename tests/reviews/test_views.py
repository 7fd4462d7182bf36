"""The pages of a round: what each reader sees, and what comes back after wrong input."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.challenges.models import Challenge
from portal.core.access import Role
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rounds import answers
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets import service as sheet_service
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState
from tests.factories.accounts import make_person
from tests.factories.challenges import make_officer
from tests.factories.draws import make_drawn
from tests.factories.reviews import (
    REASON,
    make_review_challenge,
    make_reviewer,
    make_round,
    points_for,
    reviewer_of,
    seats_of,
    submit_all,
)

Enter = Callable[[Person], FlaskClient]


def person_of(session: Session, seat: Seat) -> Person:
    return session.get_one(Person, seat.reviewer.person_id)


def typed(sheet: Sheet, **changes: str) -> dict[str, str]:
    data = {"comment": "总体意见:可行。"}
    for number, criterion in enumerate(sheet.seat.round.challenge.criteria):
        data[f"lines-{number}-points"] = str(criterion.weight * Decimal("0.8"))
        data[f"lines-{number}-reason"] = f"第{number}项的理由。{REASON}"
    return {**data, **changes}


NO_TIES = ("lines-0-tie", "lines-1-tie")


def board(challenge: Challenge) -> str:
    return f"/challenges/{challenge.code}/round"


def test_the_board_is_the_officers_and_renews_itself_until_the_ranking(
    app: Flask, session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    challenge = review.challenge
    officer, bidder = make_officer(challenge), make_person(Role.BIDDER_LEAD)
    reviewer = person_of(session, seats_of(review)[0])
    for stranger in (bidder, reviewer):
        page = enter(stranger)
        assert page.get(board(challenge)).status_code == 404
        assert page.get(f"{board(challenge)}/board").status_code == 404
        assert page.post(board(challenge)).status_code == 404
    assert app.test_client().get(board(challenge)).status_code == 302
    client = enter(officer)
    whole, part = client.get(board(challenge)), client.get(f"{board(challenge)}/board")
    assert "<html" in whole.text
    assert "<html" not in part.text
    for page in (whole, part):
        assert f'hx-get="/challenges/{challenge.code}/round/board"' in page.text
        assert all(seat.reviewer.person.name in page.text for seat in seats_of(review))
    submit_all(review)
    ranking_service.rank_round(review.id, review.started_at)
    part = client.get(f"{board(challenge)}/board")
    assert "hx-get" not in part.text
    assert "80.00" in part.text


def test_an_officer_starts_the_round_once_the_reviewers_are_drawn(
    session: Session, enter: Enter
) -> None:
    challenge = make_review_challenge()
    client = enter(make_officer(challenge))
    button = f'action="{board(challenge)}"'
    assert button not in client.get(board(challenge)).text
    page = client.post(board(challenge))
    assert page.status_code == 409
    assert "评审专家尚未抽取" in page.text
    assert session.scalar(select(Round.id)) is None
    for _ in range(3):
        make_reviewer()
    make_drawn(challenge)
    session.commit()
    assert button in client.get(board(challenge)).text
    assert client.post(board(challenge)).status_code == 303
    assert button not in client.get(board(challenge)).text
    assert client.post(board(challenge)).status_code == 409
    assert session.scalar(select(func.count()).select_from(Round)) == 1


def test_a_reviewer_sees_only_their_own_seats_sheets_and_bids(
    session: Session, enter: Enter
) -> None:
    elsewhere = make_round(scoring=True)
    for reviewer in session.scalars(select(Reviewer)):
        reviewer.state = PoolState.RESTING  # nobody is drawn for both rounds
    review = make_round(scoring=True)
    own, other, *_ = seats_of(review)
    foreign = seats_of(elsewhere)[0]
    client = enter(person_of(session, own))
    page = client.get(f"/seats/{own.id}")
    assert page.status_code == 200
    assert all(f"/sheets/{sheet.id}" in page.text for sheet in own.sheets)
    for seat in (other, foreign):
        assert client.get(f"/seats/{seat.id}").status_code == 404
        assert client.get(f"/seats/{seat.id}/declaration").status_code == 404
        assert client.get(f"/seats/{seat.id}/tie").status_code == 404
        reason = {"reason": "不是我的席位"}
        assert client.post(f"/seats/{seat.id}/decline", data=reason).status_code == 404
        for sheet in seat.sheets:
            for path in (f"/sheets/{sheet.id}", f"/sheets/{sheet.id}/document"):
                assert client.get(path).status_code == 404
            assert client.post(f"/sheets/{sheet.id}", data=typed(sheet)).status_code == 404
            assert client.get(f"/bids/{sheet.bid_id}").status_code == 404
    assert client.get(f"/sheets/{own.sheets[0].id}").status_code == 200
    officer = enter(make_officer(review.challenge))
    assert officer.get(f"/sheets/{own.sheets[0].id}").status_code == 404
    assert elsewhere.challenge.code not in client.get("/reviews").text


def test_a_bid_is_not_shown_before_the_invitation_is_accepted(
    session: Session, enter: Enter
) -> None:
    review = make_round()
    seat = seats_of(review)[0]
    client = enter(person_of(session, seat))
    page = client.get(f"/seats/{seat.id}")
    assert "/sheets/" not in page.text
    url = f"/seats/{seat.id}/declaration"
    assert client.post(url, data=dict.fromkeys(NO_TIES, "none")).status_code == 303
    assert client.post(url, data=dict.fromkeys(NO_TIES, "none")).status_code == 404
    session.refresh(seat)
    assert seat.state is SeatState.ACCEPTED
    assert "/sheets/" not in client.get(f"/seats/{seat.id}").text


@pytest.mark.parametrize("accepted", [False, True])
def test_declining_needs_a_reason_which_is_kept_when_it_is_too_short(
    session: Session, enter: Enter, accepted: bool
) -> None:
    review = make_round(accepted=accepted)
    seat = seats_of(review)[0]
    state = seat.state
    client, url = enter(person_of(session, seat)), f"/seats/{seat.id}/decline"
    for reason in ("", "   ", "忙", "长" * 1001):
        page = client.post(url, data={"reason": reason})
        assert page.status_code == 422
        assert 'id="reason-error"' in page.text
        assert reason.strip() in page.text
        session.refresh(seat)
        assert seat.state is state
    assert client.post(url, data={"reason": "与牵头单位有合作"}).status_code == 303
    session.refresh(seat)
    assert (seat.state, seat.reason) == (SeatState.DECLINED, "与牵头单位有合作")
    assert client.post(url, data={"reason": "与牵头单位有合作"}).status_code == 409


WRONG_SHEETS: list[tuple[dict[str, str], str]] = [
    ({"lines-0-points": ""}, "lines-0-points"),
    ({"lines-0-points": "26"}, "lines-0-points"),
    ({"lines-0-points": "-1"}, "lines-0-points"),
    ({"lines-0-points": "二十"}, "lines-0-points"),
    ({"lines-0-points": "NaN"}, "lines-0-points"),
    ({"lines-0-points": "Infinity"}, "lines-0-points"),
    ({"lines-0-points": "1e30"}, "lines-0-points"),
    ({"lines-0-points": "20.125"}, "lines-0-points"),
    ({"lines-6-points": "", "lines-6-reason": ""}, "lines-6-points"),
    ({"lines-1-points": "20", "lines-1-reason": "很好"}, "lines-1-reason"),
    ({"lines-2-points": "1", "lines-2-reason": ""}, "lines-2-reason"),
    ({"lines-3-reason": "长" * 2001}, "lines-3-reason"),
    ({"comment": "长" * 4001}, "comment"),
]


def test_a_wrong_sheet_is_told_at_its_field_kept_and_not_written(
    session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    sheet = seat.sheets[0]
    client = enter(person_of(session, seat))
    for changes, field in WRONG_SHEETS:
        data = typed(sheet, **changes)
        page = client.post(f"/sheets/{sheet.id}", data={**data, "submit": "1"})
        assert page.status_code == 422, changes
        assert f'id="{field}-error"' in page.text, changes
        assert page.text.count('-error">') == 1, changes
        for name, value in data.items():
            shown = value if name.endswith(("reason", "comment")) else f'value="{value}"'
            assert shown in page.text, changes
        session.expire_all()
        assert (sheet.state, sheet.scores, sheet.comment) == (SheetState.DRAFT, [], "")


def test_a_sheet_with_lines_missing_or_made_up_is_answered_at_the_fields(
    session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    sheet = seat.sheets[0]
    client = enter(person_of(session, seat))
    for data in (
        {"submit": "1"},
        {"submit": "1", "lines-0-points": "20"},
        {"submit": "1", "lines-99-points": "20", "lines-x-points": "1"},
        {"submit": "1", "lines-0-criterion": "nonsense", "lines": "a"},
    ):
        page = client.post(f"/sheets/{sheet.id}", data=data)
        assert page.status_code == 422
        assert page.text.count('-error">') >= 6
    session.expire_all()
    assert (sheet.state, sheet.scores) == (SheetState.DRAFT, [])
    assert client.get(f"/sheets/{uuid4()}").status_code == 404


def test_a_draft_is_saved_as_typed_and_a_submitted_sheet_is_locked(
    session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    sheet = seat.sheets[0]
    client, url = enter(person_of(session, seat)), f"/sheets/{sheet.id}"
    draft = {"lines-0-points": "20.5", "lines-1-reason": "分数待定", "comment": "初稿"}
    assert client.post(url, data=draft).location == url
    page = client.get(url)
    for shown in ('value="20.5"', "分数待定", "初稿"):
        assert shown in page.text
    assert client.post(url, data={**typed(sheet), "submit": "1"}).status_code == 303
    session.expire_all()
    assert (sheet.state, sheet.total) == (SheetState.SUBMITTED, Decimal(80))
    page = client.get(url)
    assert "disabled" in page.text
    assert 'name="submit"' not in page.text
    for data in (typed(sheet, comment="改"), {**typed(sheet, comment="改"), "submit": "1"}):
        assert client.post(url, data=data).status_code == 409
    session.expire_all()
    assert sheet.comment == "总体意见:可行。"


def test_a_reviewers_desk_asks_for_what_waits_and_then_for_nothing(
    session: Session, enter: Enter
) -> None:
    review = make_round()
    seat = seats_of(review)[0]
    client = enter(person_of(session, seat))
    asked = f'href="/seats/{seat.id}"'
    assert "答复评审邀请" in client.get("/desk").text
    for each in seats_of(review):
        answers.accept(reviewer_of(each), each.id, review.started_at)
    assert "评分" not in client.get("/desk").text.partition('id="news"')[0].partition("<h1")[2]
    round_service.begin_scoring(review.id, review.started_at)
    page = client.get("/desk").text
    assert asked in page
    assert "为“" in page
    for sheet in seats_of(review)[0].sheets:
        actor = reviewer_of(sheet.seat)
        sheet_service.submit_sheet(actor, sheet.id, points_for(sheet), "", review.started_at)
    assert "为“" not in client.get("/desk").text
    assert review.state is RoundState.SCORING
