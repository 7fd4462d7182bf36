"""Who forms a team and who takes up an invitation: every role by every state, own and another's bid."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.teams import policy
from portal.bids.teams.models import BidInvitation, TeamPerson
from portal.bids.teams.rules import Access, InvitationState
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from tests.factories.accounts import make_actor
from tests.factories.bids import make_bid
from tests.factories.challenges import make_officer

B, C = BidState, ChallengeState
INSTANT = timedelta(microseconds=1)


def people(session: Session, bid: Bid) -> dict[str, Actor]:
    """Every role, on this team and elsewhere."""
    home, issuer = bid.partners[0].organisation, bid.challenge.call.issuer
    named = make_actor(Role.REVIEWER, organisation=bid.lead)
    place = TeamPerson(bid=bid, person_id=named.user_id, organisation_id=bid.lead_id)
    place.access, place.named_by, place.named_at = Access.WRITE, bid.started_by, bid.started_at
    session.add(place)
    found = {
        "lead": actor_of(session.get_one(Person, bid.started_by)),
        "the lead's colleague": make_actor(Role.BIDDER_LEAD, organisation=bid.lead),
        "partner of the lead's": make_actor(Role.PARTNER, organisation=bid.lead),
        "named person": named,
        "partner": make_actor(Role.PARTNER, organisation=home),
        "the partner's lead bidder": make_actor(Role.BIDDER_LEAD, organisation=home),
        "officer": actor_of(make_officer(bid.challenge)),
        "bidder of the issuer": make_actor(Role.BIDDER_LEAD, organisation=issuer),
    }
    session.flush()
    return found | {f"{role.value} elsewhere": make_actor(role) for role in Role}


LEADING = {"lead", "the lead's colleague"}


def test_the_lead_alone_forms_the_team_before_the_bid_is_handed_in(session: Session) -> None:
    bid = make_bid()
    closes_at = bid.challenge.closes_at
    assert closes_at is not None
    roles = people(session, bid)

    def allowed(state: BidState, of: ChallengeState, at: datetime) -> set[str]:
        bid.state, bid.challenge.state = state, of
        with session.no_autoflush:
            answers = {who: policy.may_form(actor, bid, at) for who, actor in roles.items()}
        assert all(answer or answer.reason for answer in answers.values())
        return {who for who, answer in answers.items() if answer}

    before = closes_at - INSTANT
    for state in B:
        open_now = state in (B.DRAFT, B.WITHDRAWN)
        assert allowed(state, C.PUBLISHED, before) == (LEADING if open_now else set()), state
        assert allowed(state, C.PUBLISHED, closes_at) == set(), state
    for of in set(C) - {C.PUBLISHED}:
        assert allowed(B.DRAFT, of, before) == set(), of
    session.rollback()


@pytest.mark.parametrize("state", list(InvitationState))
def test_an_invitation_is_taken_up_once_in_time_and_before_the_handing_in(
    session: Session, state: InvitationState
) -> None:
    bid = make_bid()
    closes_at = bid.challenge.closes_at
    assert closes_at is not None
    invitation = BidInvitation(bid=bid, state=state)
    sent, before = state is InvitationState.SENT, closes_at - INSTANT
    with session.no_autoflush:
        for stands in B:
            bid.state = stands
            open_now = stands in (B.DRAFT, B.WITHDRAWN)
            answer = policy.may_use(invitation, before)
            assert bool(answer) is (sent and open_now), stands
            assert answer or answer.reason == policy.GONE
            assert not policy.may_use(invitation, closes_at)
        bid.state = B.DRAFT
        for of in set(C) - {C.PUBLISHED}:
            bid.challenge.state = of
            assert not policy.may_use(invitation, before), of
        session.rollback()
