"""Before the opening a page says the same whether no bid came or three, to all but their teams."""

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.accounts.rules import Level, OrganisationKind
from portal.audit.models import Entry
from portal.bids import service
from portal.bids.models import Bid
from portal.bids.rules import PartnerState, opens_at
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Role
from portal.core.files import FileStore
from tests.factories.accounts import make_organisation, make_person
from tests.factories.bids import PDF, hand_in, make_bid, make_bid_challenge, make_partner
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


def look(browsers: dict[str, FlaskClient], challenge: Challenge) -> dict[str, str]:
    """Every page on which a bid could show, as everybody sees it."""
    code = challenge.code
    pages = [
        "/", "/challenges", f"/challenges/{code}", f"/challenges/{code}/opening",
        f"/challenges/{code}/round", "/desk", "/desk/challenges", "/bids", "/inbox",
    ]  # fmt: skip
    seen = {}
    for who, browser in browsers.items():
        for page in pages:
            answer = browser.get(page)
            seen[f"{who} {page}"] = f"{answer.status_code} {plain(answer.text)}"
    return seen


def test_the_pages_are_the_same_with_no_bid_and_with_three(
    app: Flask, session: Session, sign_in: SignIn, store: FileStore
) -> None:
    store.put(PDF)
    half = timedelta(days=40, hours=12, minutes=30)  # so that no count of days or hours turns over
    challenge = make_bid_challenge(closes_at=clock.now(session) + half)
    people = readers(challenge)
    browsers = {"a stranger": app.test_client()}
    session.commit()
    for who, person in people.items():
        browsers[who] = app.test_client()
        sign_in(browsers[who], person)
    empty = look(browsers, challenge)
    assert empty["officer /desk/challenges"].startswith("200")
    assert empty[f"officer /challenges/{challenge.code}/opening"].startswith("200")
    assert empty[f"auditor /challenges/{challenge.code}/opening"].startswith("200")
    bids = [three_stages(session, challenge, people, stage) for stage in range(3)]
    with_three = look(browsers, challenge)
    differs = {where for where, page in with_three.items() if page != empty[where]}
    assert differs == set()
    paths = ["", "/document", "/edit", "/edit/route", "/edit/attachments", "/check", "/paper"]
    paths += ["/team"]
    paths += ["/versions/1/document", "/versions/2/changes", f"/attachments/{bids[0].id}"]
    paths += ["/formal-check"]
    paths += [
        f"/versions/1/{what}" for what in ("receipt", "receipt.json", "manifest.json", "paper")
    ]
    for who, browser in browsers.items():
        expected = 302 if who == "a stranger" else 404
        answers = {browser.get(f"/bids/{bids[0].id}{path}").status_code for path in paths}
        acts = {
            browser.post(f"/bids/{bids[0].id}/{act}").status_code
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
    pass_deadline(session, challenge)
    closed = look({"officer": browsers["officer"], "auditor": browsers["auditor"]}, challenge)
    for bid in bids:
        for page in closed.values():
            assert bid.lead.name not in page
            assert str(bid.id) not in page


def three_stages(
    session: Session, challenge: Challenge, people: dict[str, Person], stage: int
) -> Bid:
    """A bid that was handed in by the service, taken back, or is still being written."""
    bid = make_bid(challenge=challenge)
    lead = actor_of(session.get_one(Person, bid.started_by))
    declined = people["declined partner"].memberships[0].organisation
    if stage == 2:
        invite_and_decline(session, bid, declined)
    session.commit()
    now = clock.now(session)
    session.rollback()
    if stage < 2:
        version = hand_in(lead, bid.id, now)
        service.tell_team(version.id, now)
    if stage == 1:
        service.withdraw(lead, bid.id, now + timedelta(seconds=1))
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
