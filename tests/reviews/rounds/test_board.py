"""The board and the pages behind it: who is late stands first, and an officer steps in with a reason."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core import clock
from portal.core.access import Role
from portal.core.workdays import PLACE
from portal.reviews.pool.rules import PoolState
from portal.reviews.rounds.rules import RoundState, SeatState
from tests.factories.accounts import make_person
from tests.factories.challenges import make_officer
from tests.factories.conflicts import make_wish
from tests.factories.reviews import (
    make_review_challenge,
    make_reviewer,
    make_round,
    seats_of,
    submit_all,
)

Enter = Callable[[Person], FlaskClient]
DAY = timedelta(days=1)
REASON = {"reason": "专家来电说明情况,经办人核实。"}


def test_the_board_the_seat_and_the_desk_say_who_is_late_and_what_follows(
    session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    submit_all(review, besides=seats_of(review)[2].sheets)
    late = seats_of(review)[2]
    name, board = late.reviewer.person.name, f"/challenges/{review.challenge.code}/round"
    officer, other = make_officer(review.challenge), make_person(Role.CITY_OFFICER)
    client, stranger = enter(officer), enter(other)
    page = client.get(f"{board}/board").text
    assert "逾期" not in page
    assert "还有 12 天" in page
    assert f"提醒，{name}" in page
    review.sheets_due_at = clock.now(session) - 2 * DAY
    late.due_at = None
    page = client.get(f"{board}/board").text
    assert "逾期 2 天" in page
    assert "一分钟内" in page
    assert page.index(name) < page.index(seats_of(review)[0].reviewer.person.name)
    for address in (f"{board}/seats/{late.id}", "/desk"):
        assert name in client.get(address).text
    assert "逾期 2 天" in client.get(f"{board}/seats/{late.id}").text
    assert name not in stranger.get("/desk").text
    assert "立即提醒" not in stranger.get(f"{board}/seats/{late.id}").text
    assert stranger.post(f"{board}/seats/{late.id}/remind", data=REASON).status_code == 403


def test_an_officer_steps_in_on_a_seat_and_reads_it_in_its_history(
    session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    first, second, _ = seats_of(review)
    seat = f"/challenges/{review.challenge.code}/round/seats/{first.id}"
    client = enter(make_officer(review.challenge))
    short = client.post(f"{seat}/remind", data={"reason": "快"})
    assert short.status_code == 422
    assert 'id="reason-remind-error"' in short.text
    assert client.post(f"{seat}/remind", data=REASON).location == seat
    until = (first.sheets_due_at + DAY).astimezone(PLACE).strftime("%Y-%m-%dT%H:%M")
    past = client.post(f"{seat}/extend", data={**REASON, "until": "2020-01-01T00:00"})
    assert past.status_code == 422
    assert 'id="until-extend-error"' in past.text
    assert client.post(f"{seat}/extend", data={**REASON, "until": until}).status_code == 303
    assert client.post(f"{seat}/excuse", data=REASON).status_code == 303
    page = client.get(seat).text
    assert page.count(REASON["reason"]) >= 4
    assert "准予退出" in page
    assert "立即提醒" not in page
    assert seats_of(review)[0].state is SeatState.EXCUSED
    other = seat.replace(str(first.id), str(second.id))
    assert client.post(f"{other}/replace", data=REASON).status_code == 303
    assert client.get(seat.replace(str(first.id), str(review.id))).status_code == 404


def test_a_round_gets_more_time_and_is_closed_on_the_page_of_its_days(
    session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    round_page = f"/challenges/{review.challenge.code}/round"
    client = enter(make_officer(review.challenge))
    page = client.get(f"{round_page}/times").text
    assert "逾期 5 天邀请下一位专家" in page
    assert "提前结束本轮</button>" not in page
    until = (review.sheets_due_at + DAY).astimezone(PLACE).strftime("%Y-%m-%dT%H:%M")
    answer = client.post(f"{round_page}/extend", data={**REASON, "until": until})
    assert answer.location == round_page
    assert client.post(f"{round_page}/close", data=REASON).status_code == 409
    submit_all(review, besides=seats_of(review)[2].sheets)
    assert "提前结束本轮</button>" in client.get(f"{round_page}/times").text
    assert client.post(f"{round_page}/close", data=REASON).location == round_page
    session.expire_all()
    assert (review.state, review.seats_wanted) == (RoundState.SCORING, 2)


def test_an_officers_desk_has_wishes_to_decide_and_experts_to_let_in(
    session: Session, enter: Enter
) -> None:
    challenge = make_review_challenge(bids=1)
    make_wish(challenge, make_reviewer())
    officer = make_officer(challenge)
    make_reviewer(state=PoolState.PROPOSED, proposed_by=officer.id)
    own = enter(officer).get("/desk").text
    assert "1项回避申请" in own
    assert "入库审批" not in own
    assert "1位专家等待入库审批" in enter(make_person(Role.CITY_OFFICER)).get("/desk").text
