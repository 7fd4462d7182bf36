"""Who decides, objects, answers and reads."""

from uuid import uuid4

import pytest

from portal.accounts.models import Organisation
from portal.accounts.rules import OrganisationKind
from portal.awards import policy
from portal.awards.rules import Ranked
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Membership, Role

ISSUER, OTHER = uuid4(), uuid4()


def person(role: Role, organisation: object = OTHER) -> Actor:
    membership = Membership(organisation, "单位", role)  # type: ignore[arg-type]
    return Actor(uuid4(), "某人", "a@example.org", None, (membership,))


OFFICER = person(Role.CITY_OFFICER, ISSUER)
DISTRICT = person(Role.DISTRICT_OFFICER, OTHER)
CITY = person(Role.CITY_OFFICER, OTHER)
AUDITOR = person(Role.AUDITOR)
BIDDER = person(Role.BIDDER_LEAD)
REVIEWER = person(Role.REVIEWER)
EVERYBODY = (OFFICER, DISTRICT, CITY, AUDITOR, BIDDER, REVIEWER)


@pytest.fixture
def challenge() -> Challenge:
    issuer = Organisation(id=ISSUER, name="发榜单位", kind=OrganisationKind.GOVERNMENT)
    call = Call(issuer=issuer, issuer_id=ISSUER)
    return Challenge(call=call, state=ChallengeState.RANKED)


def test_officers_of_the_issuing_body_alone_decide(challenge: Challenge) -> None:
    assert [bool(policy.may_decide(who, challenge)) for who in EVERYBODY] == [True] + [False] * 5


def test_the_decision_is_read_by_the_issuer_the_city_and_the_auditor(challenge: Challenge) -> None:
    seen = [bool(policy.may_see_decision(who, challenge)) for who in EVERYBODY]
    assert seen == [True, False, True, True, False, False]


def test_a_challenge_is_closed_only_by_its_officer_and_only_without_hope(
    challenge: Challenge,
) -> None:
    hopeless, hopeful = [Ranked(uuid4(), 1, False)], [Ranked(uuid4(), 1, True)]
    assert policy.may_close(OFFICER, challenge, hopeless)
    assert not policy.may_close(OFFICER, challenge, hopeful)
    assert not policy.may_close(CITY, challenge, hopeless)
    challenge.state = ChallengeState.NOTICED
    assert not policy.may_close(OFFICER, challenge, hopeless)
