"""Before the opening a page says the same whether no bid came or five, to all but their teams."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, current_app, url_for
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.accounts.rules import Level, OrganisationKind
from portal.audit import checkpoints
from portal.audit import service as audit
from portal.audit.models import Entry
from portal.audit.rules import Action, Occasion
from portal.bids import service
from portal.bids.models import Bid
from portal.bids.receipting import service as receipting
from portal.bids.rules import PartnerState, opens_at
from portal.bids.secrecy import withheld
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db
from portal.core.files import FileStore
from portal.core.signing import Signer
from tests.factories.accounts import make_organisation, make_person
from tests.factories.bids import (
    PDF,
    hand_in,
    hand_in_again,
    make_bid,
    make_bid_challenge,
    make_partner,
)
from tests.factories.challenges import make_officer

SignIn = Callable[[FlaskClient, Person], None]


def readers(challenge: Challenge) -> dict[str, Person]:
    """Everybody who may be curious."""
    district = make_organisation(
        name="某区科委", kind=OrganisationKind.GOVERNMENT, level=Level.DISTRICT, uscc=None,
        district="石景山区",
    )  # fmt: skip
    return {
        "officer": make_officer(challenge),
        "city officer elsewhere": make_person(Role.CITY_OFFICER),
        "district officer": make_person(Role.DISTRICT_OFFICER, organisation=district),
        "auditor": make_person(Role.AUDITOR),
        "administrator": make_person(Role.ADMINISTRATOR),
        "reviewer": make_person(Role.REVIEWER),
        "another bidder": make_person(Role.BIDDER_LEAD, Role.PARTNER),
        "declined partner": make_person(Role.PARTNER, organisation=make_partner()),
    }


def plain(page: str) -> str:
    """A page without its tokens and the time of day that it shows."""
    page = re.sub(
        r'(name="csrf_token"[^>]*value|nonce|datetime|data-now|data-[a-z-]*)="[^"]*"', "", page
    )
    return re.sub(r"\d\d:\d\d(:\d\d)?|\d+ ?(天|小时|分钟|秒)", "", page)


OF_BIDS = {"bid_id", "partner_id", "file_id", "pair_id", "job_id", "mail_id"}
"""What is in addresses of one bid, or of what comes of one: tried by themselves, or known to nobody."""
OF_OTHERS = {"amendment_id", "milestone_id", "need_id", "paper_id", "question_id", "seat_id"}
OF_OTHERS |= {"reviewer_id", "share_id", "sheet_id", "token"}
OF_OTHERS |= {"change_id", "disagreement_id", "fingerprint", "objection_id", "opinion_id"}
OF_OTHERS |= {"organisation_id", "ranking_id", "record_id", "which"}
OF_OTHERS |= {"acceptance_id", "follow_up_id", "photo_id"}
"""What no bid can show in before the opening."""
BY_THEMSELVES = {"site.log", "log.whole", "mails.listed"}
"""That anything was logged the first two do tell: below. The last is the demonstration's alone."""
CURIOUS = "a stranger", "officer", "auditor", "administrator", "another bidder"
"""They look at everything; the others, who may do less, where a bid would show first."""
NEAR = re.compile(r"/(challenges/[^/]+(/opening|/round)?|desk|desk/challenges|bids|inbox)")


def addresses(app: Flask, challenge: Challenge) -> list[str]:
    """Every address with a GET that has something to do with this challenge, or with nothing."""
    known = {
        "code": challenge.code, "challenge_id": challenge.id, "call_id": challenge.call_id,
        "slug": challenge.call.cluster.slug, "number": challenge.call.number, "size": 1,
        "kind": "xlsx", "key": "basics", "name": "route", "document": "minutes",
        "part": "projects",
    }  # fmt: skip
    found, unknown = [], set()
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            asked = {**known, "number": 1} if "int" in rule.rule else known
            if "GET" not in (rule.methods or ()) or rule.endpoint in BY_THEMSELVES:
                continue
            if rule.arguments <= known.keys():
                values = {name: asked[name] for name in rule.arguments}
                found.append(url_for(rule.endpoint, **values))
            unknown |= rule.arguments - known.keys()
    assert unknown == OF_BIDS | OF_OTHERS, "a new page: can a bid show on it?"
    return sorted(found)


@dataclass(frozen=True)
class Answer:
    """What a reader sees, and how much work it was."""

    status: int
    page: str
    statements: int


Seen = dict[str, Answer]


def look(
    app: Flask, browsers: dict[str, FlaskClient], pages: list[str], before: Seen | None = None
) -> Seen:
    """Every page as everybody sees it; again only what could be seen before, or is of the challenge."""
    seen, sent = {}, Counter[str]()

    def count(*facts: object) -> None:
        statement = str(facts[2])  # that somebody was there, and the bell, are kept for a while
        sent[where] += statement.startswith("SELECT") and "inbox_items" not in statement

    event.listen(db.engine, "before_cursor_execute", count)
    for who, browser in browsers.items():
        for page in pages:
            where = f"{who} {page}"
            if who not in CURIOUS and not NEAR.fullmatch(page):
                continue
            if before and before[where].status != 200 and "/challenges" not in page:
                continue
            answer = browser.get(page)
            text = plain(answer.text) if "text/" in answer.mimetype else answer.mimetype
            seen[where] = Answer(answer.status_code, text, sent[where])
    event.remove(db.engine, "before_cursor_execute", count)
    return seen


def test_no_page_and_no_work_differs_whether_no_bid_came_or_five(
    app: Flask, session: Session, sign_in: SignIn, store: FileStore
) -> None:
    store.put(PDF)
    half = timedelta(days=40, hours=12, minutes=30)  # so that no count of days or hours turns over
    challenge = make_bid_challenge(closes_at=clock.now(session) + half)
    people, teams = readers(challenge), [Team() for _ in range(5)]
    browsers = {"a stranger": app.test_client()}
    session.commit()
    for who, person in people.items():
        browsers[who] = app.test_client()
        sign_in(browsers[who], person)
        browsers[who].get("/bid-protection")
    pages = addresses(app, challenge)
    empty = look(app, browsers, pages)
    for page in ("/desk/challenges", f"/challenges/{challenge.code}/opening"):
        assert empty[f"officer {page}"].status == 200
    assert empty[f"auditor /challenges/{challenge.code}/opening"].status == 200
    assert sum(one.status == 200 for one in empty.values()) > 100
    bids = [staged(session, challenge, people, *each) for each in enumerate(teams)]
    with_five = look(app, browsers, pages, empty)
    assert {where for where, seen in with_five.items() if seen != empty[where]} == set()
    nothing_of_the_bid(browsers, bids[0])
    pass_deadline(session, challenge)
    after = {who: browsers[who] for who in ("officer", "auditor")}
    of_challenge = [page for page in pages if "/challenges" in page]
    for seen in look(app, after, of_challenge).values():
        for bid in bids:
            assert bid.lead.name not in seen.page
            assert str(bid.id) not in seen.page


def nothing_of_the_bid(browsers: dict[str, FlaskClient], bid: Bid) -> None:
    """Whoever guesses its address finds nothing there."""
    paths = ["", "/document", "/edit", "/edit/route", "/edit/attachments", "/check", "/paper"]
    paths += ["/team"]
    paths += ["/versions/1/document", "/versions/2/changes", f"/attachments/{bid.id}"]
    paths += ["/formal-check"]
    paths += [
        f"/versions/1/{what}" for what in ("receipt", "receipt.json", "manifest.json", "paper")
    ]
    for who, browser in browsers.items():
        expected = 302 if who == "a stranger" else 404
        answers = {browser.get(f"/bids/{bid.id}{path}").status_code for path in paths}
        acts = {
            browser.post(f"/bids/{bid.id}/{act}").status_code
            for act in (
                "submit",
                "withdraw",
                "edit/route",
                "edit/route/autosave",
                "copy",
                "check/pass",
            )
        }
        assert answers | acts == {expected}, who


class Team:
    """Organisations and a person who are there before they bid."""

    def __init__(self) -> None:
        self.lead, self.partner = make_organisation(), make_partner()
        self.person = make_person(Role.BIDDER_LEAD, organisation=self.lead)


def staged(
    session: Session, challenge: Challenge, people: dict[str, Person], stage: int, team: Team
) -> Bid:
    """A bid that was handed in by the service, taken back, is still being written, was handed in again,
    or is handed in and its receipt fetched."""
    bid = make_bid(
        challenge=challenge, lead=team.lead, started_by=team.person.id, partners=[team.partner]
    )
    lead = actor_of(team.person)
    declined = people["declined partner"].memberships[0].organisation
    if stage == 2:
        invite_and_decline(session, bid, declined)
    session.commit()
    now = clock.now(session)
    session.rollback()
    if stage != 2:
        version = hand_in(lead, bid.id, now)
        service.tell_team(version.id, now)
    if stage == 1:
        service.withdraw(lead, bid.id, now + timedelta(seconds=1))
    if stage == 3:
        hand_in_again(bid)
    if stage == 4:
        receipting.receipt_of(session, version, current_app.extensions["portal_signer"], now)
    return bid


def invite_and_decline(session: Session, bid: Bid, organisation: Organisation) -> None:
    """The partner of the bid is one that has said no."""
    bid.partners[0].organisation = organisation
    bid.partners[0].state = PartnerState.DECLINED
    session.flush()


def pass_deadline(session: Session, challenge: Challenge) -> None:
    """The deadline and its grace are over; nobody has opened yet."""
    now = clock.now(session)
    challenge.closes_at = now + timedelta(hours=1)
    clock.move(session, opens_at(challenge.closes_at) - now)
    session.commit()


def test_the_log_names_a_bid_by_its_fingerprint_and_never_by_its_content(
    session: Session,
) -> None:
    bid = make_bid()
    lead = actor_of(session.get_one(Person, bid.started_by))
    session.commit()
    hand_in(lead, bid.id, clock.now(session))
    entry = session.scalars(select(Entry)).one()
    payload = str(entry.payload)
    assert bid.versions[0].commit in payload
    for word in (bid.terms.title, bid.terms.summary, bid.lead.name):
        assert word not in payload


def test_the_log_withholds_what_it_says_of_bids_until_they_are_opened(
    app: Flask, session: Session, sign_in: SignIn, signer: Signer
) -> None:
    challenge = make_bid_challenge()
    bid = make_bid(challenge=challenge)
    reader, lead = make_person(Role.AUDITOR), session.get_one(Person, bid.started_by)
    session.commit()
    version = hand_in(actor_of(lead), bid.id, clock.now(session))
    audit.record(session, SYSTEM, Action.BIDS_COUNTED, challenge.subject_ref, clock.now(session))
    audit.record(session, SYSTEM, Action.BID_READ, f"bid:{challenge.id}", clock.now(session))
    session.commit()
    checkpoints.make(signer, Occasion.REGULAR, clock.now(session))
    browser = app.test_client()
    sign_in(browser, reader)
    facts = version.commit, str(bid.id), lead.name, "bid.submitted", "方案提交"
    places = "/log/entries", f"/log/entries?subject=bid:{bid.id}", "/log/whole.jsonl"

    def told(place: str) -> set[str]:
        page = browser.get(place).text
        return {fact for fact in facts if fact in page}

    assert [told(place) - {str(bid.id)} for place in places] == [set()] * 3
    page = browser.get(places[0]).text
    assert page.count("开标前不予显示") == 2  # what is not known to be a bid is withheld as well
    assert "公布揭榜方案数量及指纹" in page
    assert "<tbody></tbody>" in re.sub(r"\s", "", browser.get(places[1]).text)
    sealed = browser.get(places[2]).text.splitlines()
    challenge.state, challenge.closes_at = ChallengeState.OPENED, clock.now(session)
    session.commit()
    opened = browser.get(places[2]).text.splitlines()
    assert told(places[0]) >= {lead.name}
    assert told(places[2]) >= {version.commit, str(bid.id), "bid.submitted"}
    leaves = [[json.loads(line).get("leaf") for line in lines] for lines in (sealed, opened)]
    assert leaves[0] == leaves[1][: len(leaves[0])]


def test_a_refused_member_of_a_team_is_withheld_with_the_bid(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    bid = make_bid()
    member = make_person(Role.PARTNER, organisation=bid.partners[0].organisation)
    browser = app.test_client()
    session.commit()
    sign_in(browser, member)
    assert browser.post(f"/bids/{bid.id}/submit").status_code == 403
    kinds = select(Entry.subject_ref).where(Entry.kind == Action.ACCESS_DENIED.value)
    assert session.scalars(kinds).all() == [bid.subject_ref]
    assert withheld(session, {bid.subject_ref, "page", "bid:x"}) == {bid.subject_ref, "bid:x"}
