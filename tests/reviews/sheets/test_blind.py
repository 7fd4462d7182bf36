"""A blind round: nothing that a reviewer can get names the team, and ties are found all the same."""

import base64
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.bids.models import Bid
from portal.reviews.conflicts.models import Conflict, Declaration, NamedTie
from portal.reviews.conflicts.naming import Known, Named, meets, plain
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets.reading import BLOT, names_of, places_for, without
from tests.factories.challenges import make_officer
from tests.factories.reviews import make_review_challenge, make_round, seats_of, submit_all
from tests.factories.reviews import with_papers as give_papers

Enter = Callable[[Person], FlaskClient]
LINK = re.compile(r'(?:href|src|hx-get|action|data-autosave)="(/[^"#]*)')
LEAST = 40
PIECES = ("sheet", "pages", "document", "attachment")
SKIPPED = ("/sign-out", "/lang", "/static")


def blind_round(**traits: bool) -> Round:
    """A round whose teams must stay unknown, with names in every text that a reviewer reads."""
    challenge = make_review_challenge()
    challenge.settings = {**challenge.settings, "blind_review": True}
    return make_round(challenge=challenge, **traits)


def told_everywhere(session: Session, review: Round) -> dict[Bid, set[str]]:
    """Write the names of each team into its texts and files; by what they are known."""
    found = {}
    for bid in bids.eligible(session, review.challenge_id):
        bid.lead.name_en = f"Starsea Works {str(bid.id)[:6]}"
        give_papers(bid)
        version = bid.versions[-1]
        said = f"由 {bid.lead.name} 与王工（{bid.lead.name_en.upper()}）完成。"
        terms = replace(version.terms, title=said, summary=said, route=said, scenario=said)
        version.manifest = {**version.fields, "terms": terms.to_json()}
        found[bid] = names_of(session, bid, version)
        codes = {bid.lead.uscc, str(bid.id), str(bid.lead_id), version.document.sha256}
        found[bid] |= {one for one in codes if one}
    session.commit()
    return found


def spelled(name: str) -> Iterator[bytes]:
    """A name as it may hide in a response."""
    yield from (name.encode(), name.upper().encode(), name.encode("utf-16-le"))
    yield from (name.encode("gb18030"), name.encode("utf-16-be"))
    yield from (quote(name).encode(), html.escape(name).encode(), base64.b64encode(name.encode()))
    yield name.encode("ascii", "backslashreplace")
    yield name.encode("ascii", "xmlcharrefreplace")


def crawled(client: FlaskClient, *starts: str) -> dict[str, bytes]:
    """Every response that can be reached by links and forms' addresses: head and body."""
    waiting, found = list(starts), {}
    while waiting:
        path = html.unescape(waiting.pop())
        if path in found or path.startswith(SKIPPED):
            continue
        answer = client.get(path)
        head = "\n".join(f"{key}: {value}" for key, value in answer.headers).encode()
        found[path] = head + b"\n" + answer.data
        if answer.mimetype == "text/html":
            waiting += LINK.findall(answer.text)
        if answer.location:
            waiting.append(answer.location)
    return found


def readings(session: Session, seat: Seat) -> list[tuple[str, str]]:
    """What the log has of this reviewer's reading."""
    read = select(Entry.subject_ref, Entry.payload["what"].astext).where(
        Entry.kind == Action.BID_READ.value, Entry.actor_ref == str(seat.reviewer.person_id)
    )
    return sorted((about, what) for about, what in session.execute(read))


def naming(pages: dict[str, bytes], known: dict[Bid, set[str]]) -> set[tuple[str, str]]:
    names = {name for told in known.values() for name in told}
    marks = [(name, form) for name in names for form in spelled(name)]
    return {(path, name) for path, page in pages.items() for name, form in marks if form in page}


def person_of(session: Session, seat: Seat) -> Person:
    return session.get_one(Person, seat.reviewer.person_id)


def pages_of(seat: Seat) -> list[str]:
    """What a page does not link, and a reviewer may try."""
    found = ["/desk", "/inbox", "/reviews", f"/seats/{seat.id}", f"/seats/{seat.id}/declaration"]
    found += [f"/seats/{seat.id}/tie"]
    for sheet in seat.sheets:
        here = f"/sheets/{sheet.id}"
        attached = sheet.bid.versions[-1].terms.attachments[0].file_id
        found += [f"{here}/document", f"{here}/pages/1", f"{here}/attachments/{attached}"]
        found += [f"/bids/{sheet.bid_id}", f"/bids/{sheet.bid_id}/document"]
    return found


def test_no_response_that_a_reviewer_can_get_names_a_team(session: Session, enter: Enter) -> None:
    review = blind_round(scoring=True)
    known = told_everywhere(session, review)
    seat = seats_of(review)[0]
    client = enter(person_of(session, seat))
    # an address that the visitor typed comes back in an error page: that tells nothing
    ids = {str(bid.id) for bid in known}
    starts = [path for path in pages_of(seat) if not any(one in path for one in ids)]
    pages = crawled(client, *starts)
    assert len(pages) >= LEAST
    assert naming(pages, known) == set()
    for sheet in seat.sheets:
        here = f"/sheets/{sheet.id}"
        assert BLOT in pages[here].decode()
        assert pages[f"{here}/pages/1"].split(b"\n\n")[0].count(b"image/png") == 1
        for held_back in (
            "document",
            f"attachments/{sheet.bid.versions[-1].terms.attachments[0].file_id}",
        ):
            assert client.get(f"{here}/{held_back}").status_code == 404
        assert client.get(f"/bids/{sheet.bid_id}").status_code == 404
    read = sorted((sheet.bid.subject_ref, what) for sheet in seat.sheets for what in PIECES[:2])
    assert readings(session, seat) == read, "each reading is in the log, once a sitting"
    review.challenge.settings = {**review.challenge.settings, "blind_review": False}
    session.commit()
    assert naming(crawled(client, f"/seats/{seat.id}"), known), "the search finds what is there"
    assert {what for _, what in readings(session, seat)} == set(PIECES)


def test_before_accepting_and_after_the_ranking_the_teams_stay_unknown(
    session: Session, enter: Enter, now: datetime
) -> None:
    review = blind_round()
    known = told_everywhere(session, review)
    seat = seats_of(review)[0]
    client = enter(person_of(session, seat))
    starts = ("/desk", "/inbox", "/reviews", f"/seats/{seat.id}", f"/seats/{seat.id}/declaration")
    assert naming(crawled(client, *starts), known) == set()
    over = blind_round(scoring=True)
    known = told_everywhere(session, over)
    submit_all(over)
    ranking_service.rank_round(over.id, now)
    seat = seats_of(over)[0]
    assert naming(crawled(enter(person_of(session, seat)), *pages_of(seat)[:6]), known) == set()


def declared(row: int = 0, **said: str) -> dict[str, str]:
    lines = {"kind": "kin", "organisation": "", "name": "", "words": "配偶自2024年起在该单位任职"}
    return {f"ties-{row}-{key}": value for key, value in {**lines, **said}.items()}


def test_a_named_tie_to_a_team_frees_the_seat_and_any_other_takes_it(
    session: Session, enter: Enter
) -> None:
    review = blind_round()
    known = told_everywhere(session, review)
    bid = next(iter(known))
    first, second = seats_of(review)[:2]
    client, url = enter(person_of(session, first)), f"/seats/{first.id}/declaration"
    whole = {"complete": "y"}
    assert client.post(url, data=declared(organisation="别处公司")).status_code == 422
    assert client.post(url, data={**whole, **declared()}).status_code == 422
    short = {**whole, **declared(organisation=bid.lead.name, words="短")}
    assert 'id="ties-0-words-error"' in client.post(url, data=short).text
    answer = client.post(url, data={**whole, **declared(organisation=f" {bid.lead.name} ")})
    assert answer.status_code == 303
    session.expire_all()
    assert first.state is SeatState.CONFLICTED
    conflict = session.scalars(select(Conflict).where(Conflict.reviewer_id == first.reviewer_id))
    assert [(one.bid_id, one.kind) for one in conflict] == [(bid.id, ConflictKind.KIN)]
    assert naming(crawled(client, "/reviews", f"/seats/{first.id}"), known) == set()
    client, url = enter(person_of(session, second)), f"/seats/{second.id}/declaration"
    assert client.post(url, data={**whole, **declared(organisation="别处公司")}).status_code == 303
    session.expire_all()
    assert second.state is SeatState.ACCEPTED
    rows = session.scalars(select(Declaration.tie).where(Declaration.seat_id == second.id)).all()
    assert rows == [None, None]
    assert len(session.scalars(select(NamedTie)).all()) == 2
    officer = enter(make_officer(review.challenge))
    page = officer.get(f"/challenges/{review.challenge.code}/conflicts").text
    assert page.count("别处公司") == 1


def test_a_tie_that_comes_to_mind_is_declared_by_letter(session: Session, enter: Enter) -> None:
    review = blind_round(scoring=True)
    seat = seats_of(review)[0]
    client, url = enter(person_of(session, seat)), f"/seats/{seat.id}/tie"
    page = client.get(url).text
    assert 'value="A"' in page
    assert all(str(sheet.bid_id) not in page for sheet in seat.sheets)
    data = {"bid": "B", "tie": "other", "words": "从试验数据认出了团队"}
    assert client.post(url, data={**data, "bid": "C"}).status_code == 422
    assert client.post(url, data=data).status_code == 303
    session.refresh(seat)
    assert seat.state is SeatState.CONFLICTED


TEAM = Known(frozenset({"海州星海科技有限公司", "Starsea Works"}), frozenset({"王 工"}))


@pytest.mark.parametrize(
    ("organisation", "name", "found"),
    [
        ("海州星海科技有限公司", "", True),
        ("星海科技", "", True),
        ("星海", "", False),
        ("ＳＴＡＲＳＥＡ works", "", True),
        ("海州星海科技有限公司第二研究院", "", True),
        ("", "王工", True),
        ("别处公司", "王工", True),
        ("别处公司", "王工程", False),
        ("别处公司", "", False),
    ],
)
def test_whom_a_tie_means(organisation: str, name: str, found: bool) -> None:
    assert meets(Named(ConflictKind.KIN, organisation, name, ""), TEAM) is found


@given(st.text(min_size=2, max_size=12), st.text(max_size=20), st.text(max_size=20))
def test_no_name_is_left_in_a_text_whatever_stands_around_it(
    name: str, before: str, after: str
) -> None:
    hidden = without({"route": [before + name + after]}, [name])["route"][0]
    if len(plain(name)) >= 2:
        assert name not in hidden
        assert plain(name) not in hidden.replace(BLOT, "\n")


def test_texts_without_names_stay_as_they_are() -> None:
    assert without({"a": ["①２ｘ", 3, None]}, ["王工"]) == {"a": ["①２ｘ", 3, None]}
    assert without("王  工 和 STARSEA\nworks", ["王工", "Starsea Works"]) == f"{BLOT} 和 {BLOT}"


def test_a_criterion_leads_to_where_it_looks() -> None:
    assert places_for("技术路线可行性/里程碑") == ["route", "milestones"]
    assert places_for("经费合理性与自筹") == ["money"]
    assert places_for("印象") == ["paper"]
