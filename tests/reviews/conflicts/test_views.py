"""The pages of conflicts: who sees them, what comes back after wrong input, and what they never show."""

from collections.abc import Callable
from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.bids.models import Bid
from portal.core.access import Role
from portal.reviews.conflicts import queries, service
from portal.reviews.conflicts.models import Declaration
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState
from tests.factories.accounts import make_person
from tests.factories.challenges import make_officer
from tests.factories.conflicts import make_named_bid, make_wish
from tests.factories.reviews import (
    make_review_challenge,
    make_reviewer,
    make_round,
    seats_of,
)

Enter = Callable[[Person], FlaskClient]


def person_of(session: Session, seat: Seat) -> Person:
    return session.get_one(Person, seat.reviewer.person_id)


def test_the_list_has_reasons_wishes_and_an_entry_for_officers_alone(
    session: Session, now: datetime, enter: Enter
) -> None:
    challenge = make_review_challenge(bids=1)
    named, expert = make_reviewer(), make_reviewer()
    bid = make_wish(challenge, named)
    lead = session.get_one(Person, bid.started_by)
    employed = make_reviewer(bid.lead)
    service.find(session, challenge.id, now)
    url = f"/challenges/{challenge.code}/conflicts"
    officer, row = make_officer(challenge), bid.versions[-1].avoids[0]
    for stranger in (lead, expert.person, make_person(Role.BIDDER_LEAD)):
        client = enter(stranger)
        assert client.get(url).status_code == 404
        assert client.post(url).status_code == 404
        assert client.post(f"/challenges/{challenge.code}/wishes/{row.id}").status_code == 404
    client = enter(officer)
    page = client.get(url).text
    assert employed.person.name in page
    assert named.person.name in page
    assert "双方曾有专利诉讼" in page
    assert client.post(f"/challenges/{challenge.code}/wishes/{row.id}").status_code == 422
    typed = {"granted": "yes", "reason": "理由充分,同意回避。"}
    assert (
        client.post(f"/challenges/{challenge.code}/wishes/{row.id}", data=typed).status_code == 303
    )
    entry = {"email": expert.person.email, "bid": str(bid.id), "kind": "kin", "reason": "太短"}
    assert client.post(url, data=entry).status_code == 422
    entry["reason"] = "配偶在牵头单位担任财务总监。"
    assert client.post(url, data={**entry, "email": "nobody@example.org"}).status_code == 422
    assert client.post(url, data=entry).status_code == 303
    assert client.post(url, data=entry).status_code == 422
    excluded = queries.excluded(session, challenge.id)
    assert set(excluded) == {named.id, employed.id, expert.id}
    assert entry["reason"] in client.get(url).text
    auditor = enter(make_person(Role.AUDITOR))
    assert 'name="email"' not in auditor.get(url).text
    assert auditor.post(url, data=entry).status_code == 403


def test_an_invitation_shows_who_is_on_the_teams_and_asks_line_by_line(
    session: Session, enter: Enter
) -> None:
    challenge = make_review_challenge(bids=0)
    bids = [make_named_bid(challenge, (f"钱工{n}", f"研究所{n}")) for n in (1, 2)]
    review = make_round(challenge=challenge)
    seat, tied = seats_of(review, SeatState.INVITED)[:2]
    client, url = enter(person_of(session, seat)), f"/seats/{seat.id}/declaration"
    page = client.get(url).text
    for bid in bids:
        assert bid.lead.name in page
        assert bid.versions[-1].terms.title not in page
    assert "钱工1" in page
    assert "研究所2" in page
    assert "checked" not in page, "nothing is answered beforehand"
    assert client.post(url, data={"lines-0-tie": "none"}).status_code == 422
    lacking = {"lines-0-tie": "none", "lines-1-tie": "kin", "lines-1-words": ""}
    assert client.post(url, data=lacking).status_code == 422
    assert client.post(url, data={**lacking, "lines-1-tie": "employer"}).status_code == 422
    assert client.post(url, data={**lacking, "lines-1-tie": "none"}).status_code == 303
    other = enter(person_of(session, tied))
    assert other.get(url).status_code == 404
    words = {**lacking, "lines-1-words": "配偶任该单位副总经理。"}
    assert other.post(f"/seats/{tied.id}/declaration", data=words).status_code == 303
    session.expire_all()
    assert (seat.state, tied.state) == (SeatState.ACCEPTED, SeatState.CONFLICTED)


def test_a_sheet_is_not_shown_without_a_declaration(session: Session, enter: Enter) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    sheet = seat.sheets[0]
    client = enter(person_of(session, seat))
    assert client.get(f"/sheets/{sheet.id}").status_code == 200
    for row in session.scalars(select(Declaration).where(Declaration.seat_id == seat.id)):
        session.delete(row)
    session.commit()
    assert client.get(f"/sheets/{sheet.id}").status_code == 404
    assert client.get(f"/sheets/{sheet.id}/document").status_code == 404


def test_a_tie_that_comes_to_mind_later_is_told_on_a_page(session: Session, enter: Enter) -> None:
    review = make_round(scoring=True)
    seat = seats_of(review)[0]
    client, url = enter(person_of(session, seat)), f"/seats/{seat.id}/tie"
    assert url in client.get(f"/seats/{seat.id}").text
    assert client.get(url).status_code == 200
    typed = {"bid": str(seat.sheets[0].bid_id), "tie": "shares", "words": "短"}
    assert client.post(url, data=typed).status_code == 422
    typed["words"] = "持有牵头单位百分之一的股份。"
    assert client.post(url, data=typed).status_code == 303
    session.expire_all()
    assert seat.state is SeatState.CONFLICTED
    assert client.get(f"/seats/{seat.id}").status_code == 200
    assert client.get(url).status_code == 404


def test_cooperation_is_the_experts_and_the_officers(session: Session, enter: Enter) -> None:
    expert, other = make_reviewer(), make_reviewer()
    url = f"/pool/{expert.id}/cooperation"
    assert enter(other.person).get(url).status_code == 404
    client = enter(expert.person)
    typed = {
        "name": "钱工",
        "organisation": "研究所",
        "context": "重点研发计划",
        "since": "2025-03-01",
    }
    assert client.post(url, data={**typed, "until": "2024-01-01"}).status_code == 422
    assert client.post(url, data=typed).status_code == 303
    (row,) = queries.coworkings(session, expert.id)
    assert "重点研发计划" in client.get(url).text
    officer = enter(make_person(Role.CITY_OFFICER))
    assert "钱工" in officer.get(url).text
    assert officer.post(f"/cooperation/{row.id}/take-back").status_code == 403
    assert client.post(f"/cooperation/{row.id}/take-back").status_code == 303
    assert queries.coworkings(session, expert.id) == []


def test_a_team_writes_whom_it_wishes_away_and_nobody_else_reads_it(
    session: Session, enter: Enter
) -> None:
    challenge = make_review_challenge(bids=0)
    bid: Bid = make_wish(challenge, make_reviewer())
    other = make_wish(challenge, make_reviewer())
    client = enter(session.get_one(Person, bid.started_by))
    page = client.get(f"/bids/{bid.id}").text
    assert "双方曾有专利诉讼" in page
    assert client.get(f"/bids/{other.id}").status_code == 404
    assert "双方曾有专利诉讼" not in enter(make_officer(challenge)).get(f"/bids/{bid.id}").text
