"""Who may write which section: role by act by whose bid."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.checks.models import Correction
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.sections import policy
from portal.bids.sections.models import BidSection
from portal.bids.sections.queries import section_of
from portal.bids.sections.rules import Section
from portal.challenges.rules import ChallengeState
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


def test_in_every_state_the_team_alone_writes_and_after_the_deadline_what_is_to_be_corrected(
    session: Session, now: datetime
) -> None:
    bid = make_bid()
    people = actors(session, bid)
    own, other = (section_of(bid, one) for one in (Section.ROUTE, Section.BUDGET))
    own.owner_id = people["owner"].user_id
    closes_at = bid.challenge.closes_at
    assert closes_at is not None
    due_at = closes_at + timedelta(days=3)
    bid.correction = Correction(
        sections=[Section.ROUTE.value],
        remark="请补正",
        asked_by=people["officer"].user_id,
        asked_at=closes_at,
        due_at=due_at,
    )

    def writers(row: BidSection, at: datetime) -> set[str]:
        return {who for who, actor in people.items() if policy.may_write(actor, bid, row, at)}

    with session.no_autoflush:
        for state in BidState:
            bid.state = state
            changeable = state in (BidState.DRAFT, BidState.SUBMITTED, BidState.WITHDRAWN)
            correcting = state is BidState.CORRECTING
            in_time = {"lead", "owner"} if changeable or correcting else set()
            assert writers(own, now) == in_time, state
            assert writers(other, now) == ({"lead"} if changeable else set()), state
            assert writers(own, closes_at) == ({"lead", "owner"} if correcting else set()), state
            assert writers(other, closes_at) == writers(own, due_at) == set(), state
            for row, holders in ((own, {"lead", "owner"}), (other, {"lead"})):
                holding = {who for who, one in people.items() if policy.may_hold(one, bid, row)}
                assert holding == holders
            seeing = {who for who, one in people.items() if policy.may_see(one, bid, now)}
            assert seeing == ({"lead", "owner", "partner"} if changeable else set()), state
        for of in set(ChallengeState) - {ChallengeState.PUBLISHED}:
            bid.state, bid.challenge.state = BidState.DRAFT, of
            assert writers(own, now) == set(), of
        session.rollback()
