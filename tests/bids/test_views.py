"""The editor and the pages of a bid: the way of a team, and what comes back after wrong input."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids.models import Bid
from portal.bids.rules import BidState, PartnerState, opens_at
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core import clock
from portal.core.access import Role
from portal.core.files import FileStore
from portal.core.jobs import Job
from tests.bids.pages import SHEET, counts, values_of, write
from tests.factories.accounts import PASSWORD, make_organisation, make_person
from tests.factories.bids import PDF, make_bid, make_bid_challenge, make_partner, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.keys import PRINTED
from workers.jobs import run_job
from workers.tasks.jobs import KINDS

SignIn = Callable[[FlaskClient, Person], None]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
ANOTHER = "11111111-1111-4111-8111-111111111111"


def pdf(data: bytes = PDF, name: str = "方案.pdf") -> tuple[BytesIO, str]:
    return BytesIO(data), name


def pass_deadline(session: Session, challenge: Challenge) -> None:
    """Let the deadline and its grace pass; an hour at most, so that nobody's session ends."""
    now = clock.now(session)
    challenge.closes_at = now + timedelta(hours=1)
    clock.move(session, opens_at(challenge.closes_at) - now)
    session.commit()


@pytest.fixture
def desk(client: FlaskClient, session: Session, sign_in: SignIn) -> Bid:
    """A draft with two partners, one of them confirmed, and its lead signed in."""
    bid = make_bid(partners=[make_partner(), make_partner()])
    bid.partners[1].state = PartnerState.INVITED
    session.commit()
    sign_in(client, session.get_one(Person, bid.started_by))
    return bid


def test_a_team_writes_hands_in_takes_back_and_hands_in_again(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    challenge = make_bid_challenge()
    lead, home = make_person(Role.BIDDER_LEAD), make_partner()
    partner = make_person(Role.PARTNER, organisation=home)
    session.commit()
    sign_in(client, lead)
    started = client.post(f"/challenges/{challenge.code}/bids")
    assert started.status_code == 303
    bid = session.scalars(select(Bid)).one()
    assert started.location == f"/bids/{bid.id}/edit"
    assert client.post(f"/challenges/{challenge.code}/bids").location == started.location
    incomplete = client.post(f"/bids/{bid.id}/submit")
    assert incomplete.status_code == 422
    assert "请填写此项" in incomplete.text
    for section in SHEET:
        saved = write(client, bid, section, go_on="1")
        assert saved.status_code == 303, section
    assert saved.location == f"/bids/{bid.id}/edit/attachments"
    assert client.post(saved.location, data={"document": pdf()}).status_code == 303
    asked = client.post(f"/bids/{bid.id}/team", data={"who": home.name, "duty": "算法"})
    assert (asked.status_code, asked.location) == (303, f"/bids/{bid.id}/team")
    member = app.test_client()
    sign_in(member, partner)
    assert "稀疏视点动态重建方案" in member.get(f"/bids/{bid.id}").text
    assert "牵头单位" in member.get(f"/bids/{bid.id}/edit").text
    assert member.get(f"/bids/{bid.id}/edit/outline").status_code == 403
    assert client.post(f"/bids/{bid.id}/submit").status_code == 422  # the partner has not answered
    session.expire_all()
    answer = f"/invitations/{bid.partners[0].id}/answer"
    assert client.post(answer, data={"answer": "yes"}).status_code == 403
    assert member.post(answer, data={"answer": "perhaps"}).status_code == 422
    assert member.post(answer, data={"answer": "yes"}).status_code == 422  # of an unread text
    seen = values_of(member.get(f"/bids/{bid.id}/team"), "seen")
    assert member.post(answer, data={"answer": "yes", "seen": seen[0]}).status_code == 303
    assert client.post(f"/bids/{bid.id}/submit").status_code == 303
    for reader in (client, member):
        page = reader.get(f"/bids/{bid.id}").text
        assert bid.versions[0].commit in page
        assert reader.get(f"/bids/{bid.id}/versions/1/document").data == PDF
        assert reader.get(f"/bids/{bid.id}/versions/2/document").status_code == 404
    assert member.post(f"/bids/{bid.id}/withdraw").status_code == 403
    assert client.post(f"/bids/{bid.id}/withdraw").status_code == 303
    assert client.post(f"/bids/{bid.id}/submit").status_code == 303
    session.expire_all()
    assert (bid.state, len(bid.versions)) == (BidState.SUBMITTED, 2)
    assert challenge.title in client.get("/bids").text


def test_nothing_is_changed_at_or_after_the_closing_instant(
    client: FlaskClient, session: Session, desk: Bid
) -> None:
    pass_deadline(session, desk.challenge)
    before = counts(session)
    for section, data in SHEET.items():
        answer = write(client, desk, section)
        assert answer.status_code == 409, section
        assert "您填写的内容都还在" in answer.text
        assert all(value in answer.text for value in data.values()), section
    files = f"/bids/{desk.id}/edit/attachments"
    late = [
        client.post(files, data={"document": pdf()}),
        client.post(files, data={"kind": "test", "title": "检测报告", "file": pdf()}),
        *(client.post(f"/bids/{desk.id}/{path}") for path in ("submit", "withdraw")),
    ]
    assert [answer.status_code for answer in late] == [409] * 4
    assert "检测报告" in late[1].text
    assert all("截止" in answer.text for answer in (answer, *late))
    assert client.get(f"/bids/{desk.id}/edit/outline").status_code == 403
    assert client.get(f"/bids/{desk.id}/edit").status_code == 403
    assert client.get(f"/bids/{desk.id}").status_code == 200
    assert client.post(f"/challenges/{desk.challenge.code}/bids").status_code == 403
    session.expire_all()
    assert [after - b for after, b in zip(counts(session), before, strict=True)][:4] == [0] * 4
    assert desk.state is BidState.DRAFT
    refused = select(Entry.payload["path"].astext).where(
        Entry.kind == Action.ACCESS_DENIED.value, Entry.subject_ref == desk.subject_ref
    )
    assert {f"/bids/{desk.id}/{path}" for path in ("submit", "withdraw")} < {
        *session.scalars(refused)
    }, "what comes late is in the log"


def test_an_officer_opens_and_the_papers_are_read(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, store: FileStore
) -> None:
    store.put(PDF)
    challenge = make_bid_challenge()
    good = make_sealed(challenge=challenge)
    sign_in(client, make_officer(challenge))
    auditor = app.test_client()
    sign_in(auditor, make_person(Role.AUDITOR))
    address = f"/challenges/{challenge.code}/opening"
    two = {"issuer": PRINTED[1], "escrow": PRINTED[3].lower()}
    two |= dict.fromkeys(("issuer_password", "escrow_password"), PASSWORD)
    assert client.post(address, data=two).status_code == 409
    early = select(Entry.payload["path"].astext).where(Entry.kind == Action.ACCESS_DENIED.value)
    assert session.scalars(early).all() == [address], "each try to open too early is in the log"
    pass_deadline(session, challenge)
    assert auditor.post(address, data=two).status_code == 403
    assert (
        client.post(f"{address}/fail", data={"reason": "没有合适的方案可以选择。"}).status_code
        == 409
    )
    assert client.post(address, data={"issuer": PRINTED[1]}).status_code == 422
    assert client.post(address, data={**two, "issuer_password": "wrong"}).status_code == 422
    assert client.post(address, data=two).status_code == 303
    under_way = client.get(address).text
    assert "/jobs/" in under_way
    assert 'id="waits"' not in under_way, "no bid is called unopened while it is being opened"
    run_job(session.scalars(select(Job.id)).one(), KINDS, 1)
    for reader in (client, auditor):
        assert good.lead.name in reader.get(address).text
        assert reader.get(f"/bids/{good.id}").status_code == 200
        assert reader.get(f"/bids/{good.id}/document").data == PDF
        assert reader.get(f"/bids/{good.id}/versions/1/document").status_code == 404
        assert reader.get(f"/bids/{good.id}/check").status_code == 200
        assert reader.get(f"/bids/{good.id}/edit").status_code == 403


def test_a_challenge_without_a_bid_is_closed_with_a_reason(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    challenge = make_bid_challenge()
    sign_in(client, make_officer(challenge))
    address = f"/challenges/{challenge.code}/opening"
    pass_deadline(session, challenge)
    assert client.post(address).status_code == 409
    before = counts(session)
    for reason in ("", "太短", "长" * 2001):
        answer = client.post(f"{address}/fail", data={"reason": reason})
        assert answer.status_code == 422
        assert 'id="reason-error"' in answer.text
        assert reason in answer.text
    assert counts(session) == before
    reason = {"reason": "截止后无人揭榜,本榜题终止。"}
    assert client.post(f"{address}/fail", data=reason).status_code == 303
    session.expire_all()
    assert challenge.state is ChallengeState.FAILED


def test_only_companies_begin_bids_and_universities_are_told_why(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    challenge = make_bid_challenge()
    university = make_partner()
    people = [
        make_person(Role.BIDDER_LEAD, organisation=university),
        make_person(Role.PARTNER),
        make_person(Role.AUDITOR),
        make_officer(challenge),
    ]
    company = make_person(Role.BIDDER_LEAD, organisation=make_organisation())
    session.commit()
    address = f"/challenges/{challenge.code}/bids"
    assert app.test_client().post(address).status_code == 302
    for person in people:
        other = app.test_client()
        sign_in(other, person)
        assert other.post(address).status_code == 403
    client = app.test_client()
    sign_in(client, company)
    assert client.post("/challenges/no-such/bids").status_code == 404
    assert client.post(address).status_code == 303
