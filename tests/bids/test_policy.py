"""Who reads, changes, answers, opens and checks a bid: a matrix of people, states and times."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.bids import policy
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import OPENED_STATES, BidState, PartnerState, opens_at
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Membership, Role
from portal.core.errors import NotAllowed

ISSUER, LEAD = uuid4(), uuid4()
PARTNERS = {state: uuid4() for state in PartnerState}
CLOSES = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
BEFORE, AFTER = CLOSES - timedelta(microseconds=1), opens_at(CLOSES)
B, C, P = BidState, ChallengeState, PartnerState


def actor(*roles: Role, at: UUID | None = None) -> Actor:
    home = at or uuid4()
    held = tuple(Membership(home, "某单位", role) for role in roles)
    return Actor(uuid4(), "某人", "person@example.org", memberships=held)


TEAM = {
    "lead": actor(Role.BIDDER_LEAD, at=LEAD),
    "invited partner": actor(Role.PARTNER, at=PARTNERS[P.INVITED]),
    "confirmed partner": actor(Role.PARTNER, at=PARTNERS[P.CONFIRMED]),
}
PAPERS = {
    "officer of the issuing body": actor(Role.CITY_OFFICER, at=ISSUER),
    "district officer of the issuing body": actor(Role.DISTRICT_OFFICER, at=ISSUER),
    "city officer elsewhere": actor(Role.CITY_OFFICER),
    "auditor": actor(Role.AUDITOR),
}
ISSUING = [name for name in PAPERS if "issuing" in name]
STRANGERS = {
    "declined partner": actor(Role.PARTNER, at=PARTNERS[P.DECLINED]),
    "another company": actor(Role.BIDDER_LEAD, Role.PARTNER),
    "the lead's reviewer": actor(Role.REVIEWER, Role.ADMINISTRATOR, at=LEAD),
    "a partner's lead bidder": actor(Role.BIDDER_LEAD, at=PARTNERS[P.CONFIRMED]),
    "district officer elsewhere": actor(Role.DISTRICT_OFFICER),
    "reviewer": actor(Role.REVIEWER),
    "administrator": actor(Role.ADMINISTRATOR),
    "bidder of the issuing body": actor(Role.BIDDER_LEAD, Role.PARTNER, at=ISSUER),
    "somebody without a role": actor(),
}
PEOPLE = {**TEAM, **PAPERS, **STRANGERS}


def challenge(state: ChallengeState = C.PUBLISHED) -> Challenge:
    call = Call(issuer_id=ISSUER)
    return Challenge(id=uuid4(), call=call, state=state, closes_at=CLOSES, published_at=CLOSES)


def bid(state: BidState = B.DRAFT, of: ChallengeState = C.PUBLISHED) -> Bid:
    made = Bid(challenge=challenge(of), lead_id=LEAD, state=state)
    made.partners = [
        BidPartner(organisation_id=home, state=answer) for answer, home in PARTNERS.items()
    ]
    return made


def allowed(rule: Callable[..., Any], *facts: Any) -> set[str]:
    """Who may; for everybody else the policy's refusal has its words."""
    may = {name for name, who in PEOPLE.items() if rule(who, *facts)}
    for name in PEOPLE.keys() - may:
        answer = rule(PEOPLE[name], *facts)
        if answer is not False:
            assert answer.reason
            with pytest.raises(NotAllowed):
                answer.enforce()
    return may


@pytest.mark.parametrize("state", list(B))
def test_before_the_opening_nobody_but_the_team_reads_a_bid(state: BidState) -> None:
    opened = state in OPENED_STATES
    of = C.OPENED if opened else C.PUBLISHED
    expected = {*TEAM, *PAPERS} if opened else {*TEAM}
    assert allowed(policy.may_read, bid(state, of)) == expected


@pytest.mark.parametrize("state", [B.DRAFT, B.WITHDRAWN])
def test_what_was_not_submitted_stays_sealed_after_the_opening(state: BidState) -> None:
    for of in (C.OPENED, C.REVIEWING, C.AWARDED, C.FAILED, C.CANCELLED):
        assert allowed(policy.may_read, bid(state, of)) == {*TEAM}


@pytest.mark.parametrize("state", list(B))
def test_the_lead_alone_changes_a_bid_and_only_in_time(state: BidState) -> None:
    changeable = state in (B.DRAFT, B.SUBMITTED, B.WITHDRAWN)
    for rule in (policy.may_change, policy.may_submit):
        assert allowed(rule, bid(state), BEFORE) == ({"lead"} if changeable else set())
        assert allowed(rule, bid(state), CLOSES) == set()
        assert allowed(rule, bid(state, C.CANCELLED), BEFORE) == set()
    withdrawn = {"lead"} if state is B.SUBMITTED else set()
    assert allowed(policy.may_withdraw, bid(state), BEFORE) == withdrawn
    assert allowed(policy.may_withdraw, bid(state), CLOSES) == set()


def test_companies_begin_a_bid_while_the_challenge_is_open_but_not_on_their_own() -> None:
    bidders = {"lead", "another company", "a partner's lead bidder"}
    assert allowed(policy.may_start, challenge(), BEFORE) == bidders
    assert allowed(policy.may_start, challenge(), CLOSES) == set()
    for state in set(C) - {C.PUBLISHED}:
        assert allowed(policy.may_start, challenge(state), BEFORE) == set()


@pytest.mark.parametrize("answer", list(P))
def test_an_invitation_is_answered_by_the_invited_in_time_and_before_the_submission(
    answer: PartnerState,
) -> None:
    def invitation(state: BidState, of: ChallengeState = C.PUBLISHED) -> BidPartner:
        made = bid(state, of)
        return next(one for one in made.partners if one.state is answer)

    own = f"{answer.value} partner"
    assert allowed(policy.may_answer_for, invitation(B.DRAFT)) == {own}
    for state in (B.DRAFT, B.WITHDRAWN):
        expected = set() if answer is P.DECLINED else {own}
        assert allowed(policy.may_answer, invitation(state), BEFORE) == expected
        assert allowed(policy.may_answer, invitation(state), CLOSES) == set()
    assert allowed(policy.may_answer, invitation(B.SUBMITTED), BEFORE) == set()
    assert allowed(policy.may_answer, invitation(B.DRAFT, C.CANCELLED), BEFORE) == set()


def test_the_issuing_body_opens_after_the_deadline_and_its_grace() -> None:
    for rule in (policy.may_open, policy.may_fail):
        assert allowed(rule, challenge(), AFTER) == set(ISSUING)
        for early in (BEFORE, CLOSES, AFTER - timedelta(microseconds=1)):
            assert allowed(rule, challenge(), early) == set()
    for state in set(C) - {C.PUBLISHED}:
        assert allowed(policy.may_open, challenge(state), AFTER) == set()
        failed = set(ISSUING) if state is C.OPENED else set()
        assert allowed(policy.may_fail, challenge(state), AFTER) == failed
    assert allowed(policy.may_see_opening, challenge()) == set(PAPERS)


@pytest.mark.parametrize("state", list(B))
def test_the_papers_show_how_the_formal_check_went(
    state: BidState,
) -> None:
    one = bid(state, C.OPENED)
    seen = set(PAPERS) if state in OPENED_STATES else set()
    assert allowed(policy.may_see_check, one) == seen
