"""Who checks, corrects, replies and decides on a reply: every role by every state, own and another's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.bids.checks import policy
from portal.bids.checks.models import Correction, FormalCheck, Reply
from portal.bids.checks.rules import reply_until
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import BidState, PartnerState
from portal.bids.sections.rules import Section
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Decision, Membership, Role

B, C = BidState, ChallengeState
ISSUER, LEAD, PARTNER = uuid4(), uuid4(), uuid4()
CLOSES = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ASKED, DUE = CLOSES + timedelta(days=1), CLOSES + timedelta(days=8)
REFUSED = CLOSES + timedelta(days=2)
UNTIL = reply_until(REFUSED)
INSTANT = timedelta(microseconds=1)


def actor(role: Role, at: UUID | None = None) -> Actor:
    held = (Membership(at or uuid4(), "某单位", role),)
    return Actor(uuid4(), "某人", "person@example.org", memberships=held)


HOMES = {"issuer": ISSUER, "lead": LEAD, "partner": PARTNER, "elsewhere": None}
PEOPLE = {f"{role.value} at {name}": actor(role, at) for name, at in HOMES.items() for role in Role}
OFFICERS = {"city_officer at issuer", "district_officer at issuer"}
LEADS = {"bidder_lead at lead"}
REFUSER = PEOPLE["city_officer at issuer"]


def bid(state: BidState, corrected: bool = False, replied: bool = False) -> Bid:
    """A bid in this state, refused or asked for a correction as the state implies."""
    call = Call(issuer_id=ISSUER)
    challenge = Challenge(id=uuid4(), call=call, state=C.OPENED, closes_at=CLOSES)
    made = Bid(challenge=challenge, lead_id=LEAD, state=state)
    made.partners = [BidPartner(organisation_id=PARTNER, state=PartnerState.CONFIRMED)]
    if state is B.CORRECTING or corrected:
        asked = [Section.ROUTE.value]
        made.correction = Correction(sections=asked, asked_at=ASKED, due_at=DUE)
    if state in (B.REJECTED, B.CONTESTED):
        made.check = FormalCheck(decided_by=REFUSER.user_id, decided_at=REFUSED)
    if state is B.CONTESTED or replied:
        made.reply = Reply(refused_by=REFUSER.user_id)
    return made


def allowed(rule: Callable[..., Decision], *facts: object) -> set[str]:
    """Who may; for everybody else the refusal has its words."""
    answers = {name: rule(who, *facts) for name, who in PEOPLE.items()}
    assert all(answer or answer.reason for answer in answers.values())
    return {name for name, answer in answers.items() if answer}


@pytest.mark.parametrize("state", list(B))
def test_officers_of_the_issuing_body_check_an_opened_bid(state: BidState) -> None:
    opened = OFFICERS if state is B.OPENED else set()
    lapsed = OFFICERS if state in (B.OPENED, B.CORRECTING) else set()
    assert allowed(policy.may_check, bid(state), DUE - INSTANT) == opened
    assert allowed(policy.may_check, bid(state), DUE) == lapsed
    assert allowed(policy.may_ask_correction, bid(state), DUE - INSTANT) == opened
    assert allowed(policy.may_ask_correction, bid(state, corrected=True), DUE) == set()


@pytest.mark.parametrize("state", list(B))
def test_the_lead_hands_in_a_correction_while_its_time_runs(state: BidState) -> None:
    asked = LEADS if state is B.CORRECTING else set()
    assert allowed(policy.may_hand_in_correction, bid(state), ASKED) == asked
    assert allowed(policy.may_hand_in_correction, bid(state), DUE - INSTANT) == asked
    assert allowed(policy.may_hand_in_correction, bid(state), DUE) == set()


@pytest.mark.parametrize("state", list(B))
def test_the_named_sections_alone_may_be_changed_and_only_in_time(state: BidState) -> None:
    made = bid(state)
    for section in Section:
        named = state is B.CORRECTING and section is Section.ROUTE
        assert policy.is_correcting(made, section, DUE - INSTANT) is named
        assert not policy.is_correcting(made, section, DUE)


@pytest.mark.parametrize("state", list(B))
def test_the_lead_replies_to_a_refusal_once_and_in_time(state: BidState) -> None:
    refused = LEADS if state is B.REJECTED else set()
    assert allowed(policy.may_reply, bid(state), UNTIL - INSTANT) == refused
    assert allowed(policy.may_reply, bid(state), UNTIL) == set()
    assert allowed(policy.may_reply, bid(state, replied=True), REFUSED) == set()


@pytest.mark.parametrize("state", list(B))
def test_another_officer_than_who_refused_decides_on_a_reply(state: BidState) -> None:
    another = OFFICERS - {"city_officer at issuer"} if state is B.CONTESTED else set()
    assert allowed(policy.may_decide_reply, bid(state)) == another
    contested = bid(B.CONTESTED)
    contested.reply = None
    assert allowed(policy.may_decide_reply, contested) == set()


def test_a_lapsed_correction_is_one_whose_date_has_come() -> None:
    assert not policy.is_lapsed(bid(B.OPENED), DUE)
    assert not policy.is_lapsed(bid(B.CORRECTING), DUE - INSTANT)
    assert policy.is_lapsed(bid(B.CORRECTING), DUE)
