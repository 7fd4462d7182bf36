"""A panel over HTTP: the officer's day, the members' and the teams' pages, the papers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pypdfium2
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import PanelMethod
from portal.core import clock
from portal.core.access import Role
from portal.core.crypto import sha256
from portal.core.workdays import PLACE
from portal.reviews.panels import queries
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.rules import Answer, PanelState, TurnState
from portal.reviews.rounds import answers
from portal.reviews.rounds.models import Seat
from tests.factories.accounts import make_person
from tests.factories.challenges import make_officer
from tests.factories.panels import (
    judge,
    make_panel,
    make_panel_challenge,
    read,
    read_turn,
    sheet_of,
    take,
)
from tests.factories.reviews import reviewer_of

Enter = Callable[[Person], FlaskClient]


def member_of(session: Session, seat: Seat) -> Person:
    return session.get_one(Person, seat.reviewer.person_id)


def lead_of(session: Session, turn: Turn) -> Person:
    return session.get_one(Person, turn.bid.started_by)


def officer_of(panel: Panel) -> Person:
    return make_officer(panel.round.challenge)


def page_of(panel: Panel) -> str:
    return f"/challenges/{panel.round.challenge.code}/panel"


def typed(panel_begins: str, **changes: str) -> dict[str, str]:
    minutes = {"talk": "15", "questions": "10", "judging": "5", "pause": "5"}
    return {"begins_at": panel_begins, "venue": "首钢园 201", "link": "", **minutes, **changes}


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@dataclass
class Held:
    """A panel on its way, with everybody's browser."""

    session: Session
    panel: Panel
    officer: FlaskClient
    teams: list[FlaskClient]
    members: list[FlaskClient]

    @property
    def page(self) -> str:
        return page_of(self.panel)

    def posts(self, path: str, **data: str) -> None:
        """What the officer posts is taken."""
        assert self.officer.post(path, data=data).status_code == 303, path


ASKED = {"question": "样机何时可用？", "answer": "六个月内。"}


def planned(session: Session, enter: Enter) -> Held:
    challenge = make_panel_challenge(method=PanelMethod.BALLOT)
    officer, page = enter(make_officer(challenge)), f"/challenges/{challenge.code}/panel"
    assert "排定“" in officer.get("/desk").text
    soon = (clock.now(session) + timedelta(hours=1)).astimezone(PLACE).strftime("%Y-%m-%dT%H:%M")
    wrong = officer.post(page, data=typed(soon, venue=""))
    assert wrong.status_code == 422
    assert "请填写地点或链接" in wrong.text
    assert officer.post(page, data=typed(soon)).status_code == 303
    panel = queries.of_challenge(session, challenge.id)
    teams = [enter(lead_of(session, turn)) for turn in panel.turns]
    members = [enter(member_of(session, seat)) for seat in panel.round.seats]
    return Held(session, panel, officer, teams, members)


def teams_confirm(held: Held) -> None:
    turn, (team, other) = held.panel.turns[0], held.teams
    own = f"/bids/{turn.bid_id}/panel"
    assert team.get(own).status_code == 404  # not told yet
    held.posts(f"/panels/{held.panel.id}/invite")
    assert "确认参加" in team.get("/desk").text
    assert other.get(own).status_code == 404
    assert team.post(own, data={"answer": "not_coming", "words": ""}).status_code == 422
    assert team.post(own, data={"answer": "coming", "words": "张工到场"}).status_code == 303
    assert read_turn(turn).answer is Answer.COMING
    file = team.get(f"{own}.ics")
    assert file.mimetype == "text/calendar"
    assert "BEGIN:VEVENT" in file.text


def members_come(held: Held) -> None:
    seats = list(held.panel.round.seats)
    for seat in seats:
        answers.accept(reviewer_of(seat), seat.id, clock.now(held.session))
    for seat, member in zip(seats[:2], held.members[:2], strict=True):
        assert "参加“" in member.get("/desk").text
        assert member.post(f"/seats/{seat.id}/panel/present").status_code == 303
    assert held.members[0].get(f"/seats/{seats[0].id}/panel.ics").status_code == 200
    held.posts(f"/panels/{held.panel.id}/present/{seats[2].id}")
    held.posts(f"/panels/{held.panel.id}/begin")


def team_is_heard(held: Held, number: int) -> None:
    turn = read(held.panel).turns[number]
    for action in ("call", "ask", "judge"):
        held.posts(f"/turns/{turn.id}/{action}")
    hall = held.officer.get(f"{held.page}/screen").text
    assert f"{number + 1}. {turn.bid.lead.name}" in hall
    assert "data-until=" in hall
    names = [one.bid.lead.name for one in held.panel.turns]
    for team in held.teams:
        shown = team.get(f"{held.page}/screen/now").text
        assert sum(name in shown for name in names) == 1
    held.posts(f"/turns/{turn.id}/notes", **ASKED)


def last_member_leaves(held: Held, number: int) -> None:
    turn, seat = read(held.panel).turns[number], held.panel.round.seats[2]
    gone, member = f"/seats/{seat.id}/panel/leave/{turn.id}", held.members[2]
    assert member.post(gone, data={"reason": "短"}).status_code == 422
    assert member.post(gone, data={"reason": "曾为该团队提供过咨询"}).status_code == 303


def all_vote(held: Held, number: int, entitled: int) -> None:
    turn = read(held.panel).turns[number]
    seats = [seat.id for seat in held.panel.round.seats]
    for place, (seat_id, member) in enumerate(zip(seats, held.members, strict=True)):
        path = f"/seats/{seat_id}/panel"
        assert (f"{path}/vote/" in member.get(path).text) is (place < entitled)
        sent = member.post(f"{path}/vote/{turn.id}", data={"vote": "yes"})
        assert sent.status_code == (303 if place < entitled else 403)
    held.posts(f"/turns/{turn.id}/finish")


def test_a_day_is_planned_confirmed_and_held_by_ballot_over_http(
    session: Session, enter: Enter
) -> None:
    held = planned(session, enter)
    teams_confirm(held)
    members_come(held)
    team_is_heard(held, 0)
    all_vote(held, 0, entitled=3)
    team_is_heard(held, 1)
    last_member_leaves(held, 1)
    all_vote(held, 1, entitled=2)
    held.posts(f"/panels/{held.panel.id}/close")
    shown = held.officer.get(held.page).text
    assert "2 / 2" in shown
    assert "3 / 3" in shown
    ranked = held.officer.get(f"/challenges/{held.panel.round.challenge.code}/ranking").text
    for words in ("无记名投票", "3 / 3", "2 / 2", held.page):
        assert words in ranked
    told = json.loads(held.officer.get(f"{held.page}/minutes.json").data)
    assert told["turns"][0]["remarks"] == [ASKED]
    assert len(told["turns"][1]["recused"]) == 1


def test_its_papers_are_pdf_a_to_sign_and_their_fingerprint_leads_to_the_log(
    app: Flask, session: Session, enter: Enter
) -> None:
    panel = make_panel(closed=True)
    officer, page = enter(officer_of(panel)), page_of(panel)
    ranked = officer.get(f"/challenges/{panel.round.challenge.code}/ranking").text
    for words in ("会评得分占", "综合得分", "网评得分"):
        assert words in ranked
    told = officer.get(f"{page}/minutes.json").data
    assert sha256(told) == panel.minutes_sha256
    for kind, language, words in (("minutes", "zh", "会议评审纪要"), ("result", "en", "Result")):
        paper = officer.get(f"{page}/{kind}.pdf?lang={language}")
        assert paper.mimetype == "application/pdf"
        assert b"pdfaid" in paper.data
        back = text_of(paper.data)
        assert words in back
        assert panel.minutes_sha256 in "".join(back.split())
    member = enter(member_of(session, panel.round.seats[0]))
    assert member.get(f"{page}/minutes.pdf").status_code == 404
    mine = member.get("/reviews").text
    assert f"{panel.round.challenge.title}</a> · 会评" in mine
    panel.round.challenge.state = ChallengeState.NOTICED
    session.commit()
    turn = panel.turns[0]
    own = enter(lead_of(session, turn)).get(f"/bids/{turn.bid_id}/result").text
    assert "会评评分占 60% 后的得分" in own
    public = app.test_client()
    checked = public.get(f"/minutes/{panel.minutes_sha256}")
    assert panel.round.challenge.code in checked.text
    assert not any(turn.bid.lead.name in checked.text for turn in panel.turns)
    assert public.get(f"/minutes/{'0' * 64}").status_code == 404


def test_the_officers_page_moves_changes_and_calls_off_with_reasons(
    session: Session, enter: Enter
) -> None:
    panel = make_panel(invited=True)
    officer, page = enter(make_officer(panel.round.challenge)), page_of(panel)
    first, second = panel.turns
    short = officer.post(f"/turns/{second.id}/move", data={"number": "1", "reason": "短"})
    assert short.status_code == 422
    moved = {"number": "1", "reason": "该团队下午须出席验收会议"}
    assert officer.post(f"/turns/{second.id}/move", data=moved).status_code == 303
    assert moved["reason"] in officer.get(page).text
    day = typed("2099-01-05T09:00", venue="昌平会议中心")
    assert officer.post(f"/panels/{panel.id}/day", data=day).status_code == 303
    assert read(panel).place == "昌平会议中心"
    assert [one.id for one in panel.turns] == [second.id, first.id]
    assert officer.post(f"/panels/{panel.id}/off", data={"reason": ""}).status_code == 422
    reason = {"reason": "会场停电，改期召开。"}
    assert officer.post(f"/panels/{panel.id}/off", data=reason).status_code == 303
    assert read(panel).state is PanelState.CALLED_OFF
    assert "排定会评" in officer.get(page).text


def test_a_stranger_sees_nothing_of_it_and_a_member_runs_nothing(
    session: Session, enter: Enter, app: Flask
) -> None:
    panel = make_panel(sitting=True)
    page, turn, seat = page_of(panel), panel.turns[0], panel.round.seats[0]
    stranger, member = enter(make_person(Role.BIDDER_LEAD)), enter(member_of(session, seat))
    for path in (page, f"{page}/screen", f"{page}/minutes.pdf", f"/seats/{seat.id}/panel"):
        assert stranger.get(path).status_code == 404
        assert app.test_client().get(path).status_code in (302, 404)
    assert member.get(page).status_code == 404
    assert member.get(f"{page}/screen").status_code == 200
    for path in (f"/turns/{turn.id}/call", f"/panels/{panel.id}/close"):
        assert member.post(path).status_code == 404
    assert read_turn(turn).state is TurnState.WAITING


def test_a_member_scores_the_team_that_is_on_on_a_sheet_as_online(
    session: Session, enter: Enter
) -> None:
    panel = make_panel(sitting=True)
    turn = take(panel.turns[0], "call")
    seat = read(panel).round.seats[0]
    member = enter(member_of(session, seat))
    sheet = sheet_of(turn, seat)
    assert f"/sheets/{sheet.id}" in member.get(f"/seats/{seat.id}/panel").text
    assert member.get(f"/sheets/{sheet.id}").status_code == 200
    take(turn, "ask", "judge")
    judge(turn)
    take(turn, "finish")
    later = take(read(panel).turns[1], "call")
    assert (
        member.get(f"/sheets/{sheet_of(later, read(panel).round.seats[0]).id}").status_code == 200
    )
