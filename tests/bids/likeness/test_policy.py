"""Who may see, compare and judge: role by act by whose challenge."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from portal.bids.likeness import policy
from portal.bids.likeness.models import LikePair
from portal.bids.models import Bid
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Membership, Role

ISSUER, OTHER, LEAD = uuid4(), uuid4(), uuid4()
OPENED = datetime(2026, 9, 1, tzinfo=UTC)


def actor(role: Role, at=OTHER) -> Actor:
    return Actor(uuid4(), "某人", "a@example.org", None, (Membership(at, "单位", role),))


PEOPLE = {
    "issuer's city officer": actor(Role.CITY_OFFICER, ISSUER),
    "issuer's district officer": actor(Role.DISTRICT_OFFICER, ISSUER),
    "city officer elsewhere": actor(Role.CITY_OFFICER),
    "district officer elsewhere": actor(Role.DISTRICT_OFFICER),
    "auditor": actor(Role.AUDITOR),
    "administrator": actor(Role.ADMINISTRATOR),
    "reviewer": actor(Role.REVIEWER),
    "lead": actor(Role.BIDDER_LEAD, LEAD),
    "partner": actor(Role.PARTNER),
    "bidder at the issuer": actor(Role.BIDDER_LEAD, ISSUER),
}
ISSUING = {"issuer's city officer", "issuer's district officer"}
PAPERS = ISSUING | {"city officer elsewhere", "auditor"}


def challenge(opened: bool = True, issuer=ISSUER) -> Challenge:
    state = ChallengeState.OPENED if opened else ChallengeState.PUBLISHED
    return Challenge(
        id=uuid4(), call=Call(issuer_id=issuer), state=state, opened_at=OPENED if opened else None
    )


def pair(other_issuer=ISSUER) -> LikePair:
    own, other = challenge(), challenge(issuer=other_issuer)
    return LikePair(
        challenge=own,
        bid=Bid(challenge=own, lead_id=LEAD),
        other=Bid(challenge=other, lead_id=uuid4()),
    )


CASES: list[tuple[Callable[..., object], Callable[[], object], set[str]]] = [
    (policy.may_see, challenge, PAPERS),
    (policy.may_compare, challenge, ISSUING),
    (policy.may_judge, pair, ISSUING),
    (policy.may_read_both, pair, PAPERS),
]


@pytest.mark.parametrize(("rule", "thing", "expected"), CASES)
def test_papers_are_read_and_the_issuing_body_acts(rule, thing, expected) -> None:
    assert {name for name, who in PEOPLE.items() if rule(who, thing())} == expected


def test_before_the_opening_nobody_sees_or_compares() -> None:
    for who in PEOPLE.values():
        assert not policy.may_see(who, challenge(opened=False))
        assert not policy.may_compare(who, challenge(opened=False))


def test_another_bodys_bid_is_read_by_those_who_read_all_papers_and_by_that_body() -> None:
    found = {name for name, who in PEOPLE.items() if policy.may_read_both(who, pair(OTHER))}
    assert found == {
        "city officer elsewhere",
        "district officer elsewhere",
        "auditor",
        "issuer's city officer",
    }
