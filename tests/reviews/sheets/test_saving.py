"""Saving as one types, two windows of one reviewer, and a sheet that is given back."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound, Overtaken
from portal.notifications.models import InboxItem
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rankings.models import ScoreChange
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets import queries, reopening, watching
from portal.reviews.sheets import service as sheet_service
from portal.reviews.sheets.models import Sheet, SheetReturn
from portal.reviews.sheets.rules import SheetState
from portal.reviews.sheets.service import Points
from tests.factories.awards import officer_of
from tests.factories.challenges import make_officer
from tests.factories.reviews import (
    REASON,
    make_round,
    points_for,
    reviewer_of,
    seats_of,
    submit_all,
)
from tests.refusal import refused

Enter = Callable[[Person], FlaskClient]
WHY = "第三项的理由与分数不符,请核对后重新提交。"


def first_sheet(review: Round) -> Sheet:
    return seats_of(review)[0].sheets[0]


def entries(session: Session, kind: Action) -> int:
    return session.scalar(select(func.count()).where(Entry.kind == kind.value)) or 0


def test_the_later_of_two_windows_is_told_and_what_is_sent_twice_is_saved_once(
    session: Session, now: datetime
) -> None:
    sheet = first_sheet(make_round(scoring=True))
    actor, criteria = reviewer_of(sheet.seat), sheet.seat.round.challenge.criteria
    save = sheet_service.save_sheet
    one = {criteria[0].id: Points(Decimal(20), "")}
    other = {criteria[0].id: Points(Decimal(15), "")}
    for _ in range(2):
        save(actor, sheet.id, one, "甲", now, seen=0)
    assert (sheet.revision, sheet.comment) == (1, "甲")
    for seen in (0, -1, 2):
        refused(Overtaken, save, actor, sheet.id, other, "乙", now, seen)
        full = points_for(sheet)
        refused(Overtaken, sheet_service.submit_sheet, actor, sheet.id, full, "乙", now, seen)
    session.expire_all()
    assert (sheet.revision, sheet.comment, sheet.state) == (1, "甲", SheetState.DRAFT)
    save(actor, sheet.id, other, "乙", now, seen=1)
    assert (sheet.revision, sheet.scores[0].points) == (2, Decimal(15))


def test_what_is_saved_by_itself_has_one_entry_for_a_sitting(
    session: Session, now: datetime
) -> None:
    sheet = first_sheet(make_round(scoring=True))
    actor = reviewer_of(sheet.seat)
    for minute in (0, 1, 8, 17, 30):
        at = now + timedelta(minutes=minute)
        sheet_service.save_sheet(actor, sheet.id, {}, f"第{minute}分", at, by_itself=True)
    assert entries(session, Action.SHEET_SAVED) == 2
    assert sheet.revision == 5


def test_a_sheet_given_back_keeps_what_it_said_and_is_submitted_anew(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    sheet = first_sheet(review)
    submit_all(review, besides=[seats_of(review)[1].sheets[0]])
    seat, officer = sheet.seat, officer_of(review.challenge)
    stranger, reviewer = officer_of(make_round(scoring=True).challenge), reviewer_of(seat)
    second = officer_of(review.challenge)
    for actor in (stranger, reviewer):
        refused(NotAllowed, reopening.ask, actor, sheet.id, WHY, now)
    refused(Invalid, reopening.ask, officer, sheet.id, "太短", now)
    refused(NotFound, reopening.agree, second, sheet.id, now)
    reopening.ask(officer, sheet.id, WHY, now)
    refused(IllegalMove, reopening.ask, second, sheet.id, WHY, now)
    for actor in (officer, stranger, reviewer):
        refused(NotAllowed, reopening.agree, actor, sheet.id, now)
    session.expire_all()
    assert (sheet.state, seat.state) == (SheetState.SUBMITTED, SeatState.DONE)
    reopening.agree(second, sheet.id, now)
    session.expire_all()
    assert (sheet.state, sheet.total, seat.state) == (SheetState.DRAFT, None, SeatState.ACCEPTED)
    refused(IllegalMove, reopening.ask, officer, sheet.id, WHY, now)
    changes = session.scalars(select(ScoreChange)).all()
    assert {(c.old_points, c.old_reason, c.reason, c.by) for c in changes} == {
        (score.points, REASON, WHY, officer.user_id) for score in sheet.scores
    }
    news = select(InboxItem).where(InboxItem.person_id == reviewer.user_id)
    assert WHY in [item.parameters.get("reason") for item in session.scalars(news)]
    sheet_service.save_sheet(reviewer, sheet.id, {}, "", now)
    sheet_service.submit_sheet(reviewer, sheet.id, points_for(sheet), "复核", now)
    session.expire_all()
    assert (sheet.total, seat.state) == (Decimal(80), SeatState.DONE)
    assert len(session.scalars(select(ScoreChange)).all()) == len(changes)
    assert (
        entries(session, Action.SHEET_REOPENED) == entries(session, Action.SHEET_RETURN_ASKED) == 1
    )


def test_a_second_officer_is_asked_on_the_desk_and_may_leave_the_sheet_as_it_is(
    session: Session, now: datetime
) -> None:
    review = make_round(scoring=True)
    sheet = first_sheet(review)
    submit_all(review, besides=[seats_of(review)[1].sheets[0]])
    officer, second = officer_of(review.challenge), officer_of(review.challenge)
    reopening.ask(officer, sheet.id, WHY, now)
    elsewhere = officer_of(make_round().challenge)
    desks = [len(queries.to_agree(session, one)) for one in (officer, second, elsewhere)]
    assert desks == [0, 1, 0]
    alone = {"state": "agreed", "decided_by": officer.user_id, "decided_at": now}
    with session.begin_nested() as point:
        with pytest.raises(IntegrityError, match="another_agrees"):
            session.execute(update(SheetReturn).values(**alone))
        point.rollback()
    reopening.refuse(second, sheet.id, now)
    session.expire_all()
    assert sheet.state is SheetState.SUBMITTED
    assert queries.to_agree(session, second) == []
    assert entries(session, Action.SHEET_RETURN_REFUSED) == 1
    reopening.ask(second, sheet.id, WHY, now)


def test_after_the_ranking_no_sheet_is_given_back(session: Session, now: datetime) -> None:
    review = make_round(scoring=True)
    submit_all(review)
    ranking_service.rank_round(review.id, now)
    session.expire_all()
    officer = officer_of(review.challenge)
    refused(NotAllowed, reopening.ask, officer, first_sheet(review).id, WHY, now)
    assert session.scalar(select(ScoreChange.id)) is None


def test_an_officer_gives_back_on_a_page_that_shows_what_was_said_before(
    session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    sheet = first_sheet(review)
    submit_all(review, besides=[seats_of(review)[1].sheets[0]])
    client, url = enter(make_officer(review.challenge)), f"/sheets/{sheet.id}/give-back"
    assert 'id="reason-error"' in client.post(url, data={"reason": "太短"}).text
    assert client.post(url, data={"reason": WHY}).status_code == 303
    assert f"{url}/agree" not in client.get(url).text
    assert client.post(f"{url}/agree").status_code == 403
    second = enter(make_officer(review.challenge))
    assert f"{url}/agree" in second.get(url).text
    assert second.post(f"{url}/agree").status_code == 303
    page = client.get(f"/challenges/{review.challenge.code}/sheets").text
    assert (page.count(f'href="{url}"'), page.count("/give-back")) == (1, 5)
    shown = re.sub(r'"[^"]*"', "", page.partition("<tbody")[2].partition("</tbody")[0])
    assert not re.search(r"(?<!\d)80(?!\d)", shown)
    assert REASON not in client.get(url).text
    review.state = RoundState.RANKED
    session.commit()
    page = client.get(url)
    assert page.status_code == 200
    for shown in (WHY, REASON):
        assert shown in page.text
    review.state = RoundState.SCORING
    session.commit()
    assert client.post(url, data={"reason": WHY}).status_code == 409
    reviewer = enter(session.get_one(Person, sheet.seat.reviewer.person_id))
    assert reviewer.get(url).status_code == 404
    page = reviewer.get(f"/sheets/{sheet.id}").text
    assert WHY in page
    assert ">80</output>" in page, "the total, without a script too"


def test_an_officer_goes_through_all_sheets_by_page_and_by_reviewer(
    session: Session, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PAGE", 4)
    review = make_round(scoring=True)
    seat = seats_of(review)[1]
    client, url = (
        enter(make_officer(review.challenge)),
        f"/challenges/{review.challenge.code}/sheets",
    )
    first = client.get(url).text
    onward = unescape(re.findall(r'rel="next" href="([^"]+)"', first)[0])
    second, own = client.get(onward).text, client.get(f"{url}?reviewer={seat.id}").text
    assert [page.count("<tr>") - 1 for page in (first, second, own)] == [4, 2, 2]
    shown = [re.findall(r'data-label="揭榜方案">([^<]+)', page) for page in (first, second, own)]
    assert shown[0] + shown[1] == 3 * shown[2], "every reviewer's bids, in the same order"
    assert "0 / 6" in first
    assert 'rel="next"' not in second + own


def test_a_page_that_saves_by_itself_learns_how_it_went(session: Session, enter: Enter) -> None:
    sheet = first_sheet(make_round(scoring=True))
    client = enter(session.get_one(Person, sheet.seat.reviewer.person_id))
    url = f"/sheets/{sheet.id}/autosave"
    answer = client.post(url, data={"seen": "0", "lines-0-points": "20", "comment": "甲"})
    assert (answer.status_code, answer.json["revision"]) == (200, 1)
    assert len(answer.json["at"]) == len("12:34")
    late = client.post(url, data={"seen": "0", "comment": "乙"})
    assert late.status_code == 409
    assert "另一个窗口" in late.json["why"]
    for wrong in ("二十", "99", "20.125"):
        data = {"seen": "1", "lines-0-points": wrong}
        assert client.post(url, data=data).status_code == 422
    session.expire_all()
    assert (sheet.comment, sheet.scores[0].points) == ("甲", Decimal(20))


def test_both_texts_stand_on_the_page_and_the_next_saving_counts(
    session: Session, enter: Enter
) -> None:
    sheet = first_sheet(make_round(scoring=True))
    client = enter(session.get_one(Person, sheet.seat.reviewer.person_id))
    url = f"/sheets/{sheet.id}"
    first = {"seen": "0", "lines-0-points": "20", "lines-0-reason": "先存的", "comment": "同一句"}
    mine = {"seen": "0", "lines-0-points": "21", "lines-0-reason": "后写的", "comment": "同一句"}
    assert client.post(url, data=first).status_code == 303
    page = client.post(url, data=mine)
    assert page.status_code == 409
    for shown in ("先存的", "后写的", 'value="21"', 'name="seen" type="hidden" value="1"'):
        assert shown in page.text
    assert page.text.count("score-other__text") == 2
    assert client.post(url, data={**mine, "seen": "1"}).status_code == 303
    session.expire_all()
    assert sheet.scores[0].reason == "后写的"


@pytest.mark.parametrize("vote", ["yes", "no", ""])
def test_where_experts_vote_a_sheet_is_not_handed_in_without_one(
    session: Session, now: datetime, enter: Enter, vote: str
) -> None:
    review = make_round(scoring=True)
    review.challenge.settings = {**review.challenge.settings, "expert_vote": True}
    session.commit()
    sheet = first_sheet(review)
    refused(
        InvalidInput,
        sheet_service.submit_sheet,
        reviewer_of(sheet.seat),
        sheet.id,
        points_for(sheet),
        "",
        now,
    )
    client = enter(session.get_one(Person, sheet.seat.reviewer.person_id))
    data = {"submit": "1", "in_favour": vote}
    for number, criterion in enumerate(review.challenge.criteria):
        data[f"lines-{number}-points"] = str(criterion.weight * Decimal("0.8"))
    page = client.post(f"/sheets/{sheet.id}", data=data)
    session.expire_all()
    known = {"yes": (303, True), "no": (303, False), "": (422, None)}
    assert (page.status_code, sheet.in_favour) == known[vote]


def test_a_reviewer_is_led_from_sheet_to_sheet_until_all_are_in(
    session: Session, enter: Enter
) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    client = enter(session.get_one(Person, seat.reviewer.person_id))
    url = client.get("/reviews").text.partition('href="/sheets/')[2].partition('"')[0]
    seen = []
    where = f"/sheets/{url}"
    while where.startswith("/sheets/"):
        seen.append(where)
        data = {"submit": "1", "seen": "0"}
        for number, criterion in enumerate(review.challenge.criteria):
            data[f"lines-{number}-points"] = str(criterion.weight * Decimal("0.8"))
        where = client.post(where, data=data).location
    assert where == "/reviews"
    assert sorted(seen) == sorted(f"/sheets/{sheet.id}" for sheet in seat.sheets)
    assert "下一份未评" not in client.get("/reviews").text
