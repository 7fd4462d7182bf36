"""The pages of a team: the link of an invitation, and what an organisation reads of its own limits."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.bids.models import Bid
from portal.bids.rules import BidState, PartnerState
from portal.bids.teams.links import token_of
from portal.bids.teams.models import BidInvitation, TeamPerson
from portal.bids.teams.rules import Access, InvitationState, Offer
from portal.core import clock
from portal.core.access import Role
from tests.bids.pages import counts, text_of
from tests.factories.accounts import PASSWORD, make_person, make_uscc
from tests.factories.bids import make_bid, make_bid_challenge, make_partner

SignIn = Callable[[FlaskClient, Person], None]
EMAIL = "new@example.org"
NEW = {
    "organisation": "新注册大学",
    "kind": "university",
    "uscc": make_uscc(90002),
    "name": "新人",
    "email": EMAIL,
    "password": PASSWORD,
}


@pytest.fixture
def asked(session: Session) -> BidInvitation:
    """Somebody without an account is asked to join a draft."""
    bid = make_bid(partners=[])
    offer = Offer("负责精度检测", Decimal(500_000), people="检测2人")
    who = {"invited_by": bid.started_by, "invited_at": bid.started_at}
    row = BidInvitation(bid=bid, email=EMAIL, offer=offer, **who)
    session.add(row)
    session.commit()
    return row


def link(asked: BidInvitation) -> str:
    return f"/join/{token_of(asked.id)}"


def test_the_link_says_who_asks_for_what_and_registers_an_organisation_once(
    client: FlaskClient, session: Session, asked: BidInvitation
) -> None:
    page = client.get(link(asked))
    assert page.status_code == 200
    for said in (asked.bid.lead.name, asked.bid.challenge.title, "负责精度检测", "检测2人", EMAIL):
        assert said in text_of(page)
    before = counts(session)
    for wrong in ({"uscc": "91110107"}, {"email": "nobody"}, {"password": "short"}):
        answer = client.post(link(asked), data={**NEW, **wrong})
        assert answer.status_code == 422
        assert "新注册大学" in text_of(answer)
    assert counts(session) == before
    done = client.post(link(asked), data=NEW)
    assert (done.status_code, done.location) == (
        303,
        f"/sign-in?next=/bids/{asked.bid_id}/team",
    )
    session.expire_all()
    assert asked.state is InvitationState.USED
    partner = asked.bid.partners[0]
    assert (partner.organisation.name, partner.state) == ("新注册大学", PartnerState.INVITED)
    assert client.get(link(asked)).status_code == 404
    assert client.post(link(asked), data=NEW).status_code == 404
    entered = client.post(done.location, data={"email": EMAIL, "password": PASSWORD})
    assert entered.location.endswith(f"/bids/{asked.bid_id}/team")
    assert "负责精度检测" in text_of(client.get(f"/bids/{asked.bid_id}/team"))


def test_a_link_that_is_not_ours_or_no_longer_holds_leads_nowhere(
    client: FlaskClient, session: Session, asked: BidInvitation
) -> None:
    for token in ("nonsense", token_of(asked.bid_id), f"{token_of(asked.id)}x"):
        assert client.get(f"/join/{token}").status_code == 404
        assert client.post(f"/join/{token}", data=NEW).status_code == 404
    asked.bid.state = BidState.SUBMITTED
    assert client.get(link(asked)).status_code == 404
    asked.bid.state = BidState.WITHDRAWN
    assert client.get(link(asked)).status_code == 200
    asked.state = InvitationState.WITHDRAWN
    assert client.get(link(asked)).status_code == 404
    asked.state = InvitationState.SENT
    now = clock.now(session)
    asked.bid.challenge.published_at = now - timedelta(days=40)
    asked.bid.challenge.closes_at = now - timedelta(minutes=1)
    assert client.get(link(asked)).status_code == 404
    assert client.post(link(asked), data=NEW).status_code == 404
    assert session.scalars(select(Person).where(Person.email == EMAIL)).all() == []


def test_who_has_an_account_takes_the_link_up_for_an_own_organisation(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn, asked: BidInvitation
) -> None:
    home, other = make_partner(), make_partner()
    person = make_person(Role.PARTNER, organisation=home)
    stranger = make_person(Role.REVIEWER)
    taking = f"{link(asked)}/take-up"
    sent_away = client.post(taking, data={"organisation": str(home.id)})
    assert "/sign-in" in sent_away.location
    idle = app.test_client()
    sign_in(idle, stranger)
    assert f'value="{home.id}"' not in idle.get(link(asked)).text
    assert idle.post(taking, data={"organisation": str(home.id)}).status_code == 422
    sign_in(client, person)
    page = client.get(link(asked))
    assert f'value="{home.id}"' in page.text
    assert f'value="{other.id}"' not in page.text
    for wrong in ("", "nonsense", str(other.id), str(asked.bid.lead_id)):
        assert client.post(taking, data={"organisation": wrong}).status_code == 422
    assert asked.bid.partners == []
    done = client.post(taking, data={"organisation": str(home.id)})
    assert (done.status_code, done.location) == (303, f"/bids/{asked.bid_id}/team")
    session.expire_all()
    assert [one.organisation_id for one in asked.bid.partners] == [home.id]
    assert client.post(taking, data={"organisation": str(home.id)}).status_code == 404


def test_the_lead_cannot_take_up_its_own_invitation_and_the_field_says_why(
    client: FlaskClient, session: Session, sign_in: SignIn, asked: BidInvitation
) -> None:
    sign_in(client, make_person(Role.PARTNER, organisation=asked.bid.lead))
    taking = {"organisation": str(asked.bid.lead_id)}
    answer = client.post(f"{link(asked)}/take-up", data=taking)
    assert answer.status_code == 422
    assert "该单位即牵头单位" in text_of(answer)
    session.expire_all()
    assert asked.state is InvitationState.SENT


def figures(client: FlaskClient, bid: Bid) -> list[str]:
    """The own figures on the page of the team, as they are read."""
    page = text_of(client.get(f"/bids/{bid.id}/team"))
    start = page.find('id="limits"')
    words = page[start : page.find("</section>", start)] if start >= 0 else ""
    cells = BeautifulSoup(words, "lxml").select("td")
    return [" ".join(cell.get_text().split()) for cell in cells]


def test_an_organisation_reads_its_own_counts_and_nobody_elses(
    client: FlaskClient, app: Flask, session: Session, sign_in: SignIn
) -> None:
    rules = {"leads_max": 3, "joins_max": 2}
    challenge = make_bid_challenge(settings=rules)
    home = make_partner()
    bid = make_bid(challenge=challenge, partners=[home])
    lead: Organisation = bid.lead
    for _ in range(2):
        other = make_bid_challenge(call=challenge.call, settings=rules)
        make_bid(challenge=other, lead=lead, started_by=bid.started_by, submitted=True)
    session.commit()
    sign_in(client, session.get_one(Person, bid.started_by))
    leads, joins = figures(client, bid)
    assert leads.startswith("2 / 3 项")
    assert joins == "0 / 2 项"
    partner = app.test_client()
    sign_in(partner, make_person(Role.PARTNER, organisation=home))
    leads, joins = figures(partner, bid)
    assert leads == "0 / 3 项"
    assert joins.startswith("1 / 2 项")
    assert challenge.code in joins
    named = app.test_client()
    reader = make_person(Role.REVIEWER, organisation=lead)
    place = {"person_id": reader.id, "organisation_id": lead.id, "access": Access.READ}
    by = {"named_by": bid.started_by, "named_at": bid.started_at}
    session.add(TeamPerson(bid=bid, **place, **by))
    sign_in(named, reader)
    assert named.get(f"/bids/{bid.id}/team").status_code == 200
    assert figures(named, bid) == []


def test_a_signed_in_person_who_registers_by_the_link_gets_the_page_again(
    client: FlaskClient, session: Session, sign_in: SignIn, asked: BidInvitation
) -> None:
    sign_in(client, session.get_one(Person, asked.bid.started_by))
    assert client.post(link(asked)).status_code == 422
