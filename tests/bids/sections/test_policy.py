"""Who may write which section: role by act by whose bid."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.models import Bid
from portal.bids.sections import policy
from portal.bids.sections.queries import section_of
from portal.bids.sections.rules import Section
from portal.core.access import Actor, Role
from tests.factories.accounts import make_actor
from tests.factories.bids import make_bid
from tests.factories.challenges import make_officer


def actors(session: Session, bid: Bid) -> dict[str, Actor]:
    home = bid.partners[0].organisation
    return {
        "lead": actor_of(session.get_one(Person, bid.started_by)),
        "owner": make_actor(Role.PARTNER, organisation=home),
        "partner": make_actor(Role.PARTNER, organisation=home),
        "other lead": make_actor(Role.BIDDER_LEAD),
        "other partner": make_actor(Role.PARTNER),
        "officer": actor_of(make_officer(bid.challenge)),
        "auditor": make_actor(Role.AUDITOR),
        "administrator": make_actor(Role.ADMINISTRATOR),
    }


def test_the_lead_writes_every_section_the_owner_one_and_nobody_else_any(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    people = actors(session, bid)
    own, other = (section_of(bid, one) for one in (Section.ROUTE, Section.BUDGET))
    own.owner_id = people["owner"].user_id
    expected = {"lead": (True, True, True), "owner": (True, False, True)}
    expected |= {"partner": (False, False, True)}
    for who, actor in people.items():
        answers = (
            bool(policy.may_write(actor, bid, own, now)),
            bool(policy.may_write(actor, bid, other, now)),
            bool(policy.may_see(actor, bid, now)),
        )
        assert answers == expected.get(who, (False, False, False)), who


def test_at_the_closing_instant_nobody_writes_any_more(session: Session, now: datetime) -> None:
    bid = make_bid()
    lead = actors(session, bid)["lead"]
    row, closes_at = section_of(bid, Section.ROUTE), bid.challenge.closes_at
    assert closes_at is not None
    assert policy.may_write(lead, bid, row, now)
    assert not policy.may_write(lead, bid, row, closes_at)
    assert policy.may_hold(lead, bid, row)


def test_an_owner_who_has_left_the_team_owns_nothing(session: Session, now: datetime) -> None:
    bid = make_bid()
    owner = make_actor(Role.PARTNER)
    row = section_of(bid, Section.ROUTE)
    row.owner_id = owner.user_id
    assert not policy.may_write(owner, bid, row, now)
