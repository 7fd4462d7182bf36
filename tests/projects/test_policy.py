"""Who sees a project, reports, manages, and records own money."""

from uuid import uuid4

import pytest

from portal.accounts.models import Organisation
from portal.accounts.rules import OrganisationKind
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import PartnerState
from portal.challenges.models import Call, Challenge
from portal.core.access import Actor, Membership, Role
from portal.projects import policy
from portal.projects.models import Project

ISSUER, LEAD, PARTNER, DECLINED, OTHER = (uuid4() for _ in range(5))


def person(role: Role, organisation: object = OTHER) -> Actor:
    membership = Membership(organisation, "单位", role)  # type: ignore[arg-type]
    return Actor(uuid4(), "某人", "a@example.org", None, (membership,))


OFFICER = person(Role.CITY_OFFICER, ISSUER)
DISTRICT = person(Role.DISTRICT_OFFICER)
CITY = person(Role.CITY_OFFICER)
AUDITOR = person(Role.AUDITOR)
LEADER = person(Role.BIDDER_LEAD, LEAD)
MEMBER = person(Role.PARTNER, PARTNER)
LEFT = person(Role.PARTNER, DECLINED)
RIVAL = person(Role.BIDDER_LEAD)
REVIEWER = person(Role.REVIEWER)
ALL = (OFFICER, DISTRICT, CITY, AUDITOR, LEADER, MEMBER, LEFT, RIVAL, REVIEWER)


@pytest.fixture
def project() -> Project:
    issuer = Organisation(id=ISSUER, name="发榜单位", kind=OrganisationKind.GOVERNMENT)
    challenge = Challenge(call=Call(issuer=issuer, issuer_id=ISSUER))
    partners = [
        BidPartner(organisation_id=PARTNER, state=PartnerState.CONFIRMED),
        BidPartner(organisation_id=DECLINED, state=PartnerState.DECLINED),
    ]
    bid = Bid(challenge=challenge, lead_id=LEAD, partners=partners)
    return Project(challenge=challenge, bid=bid, lead_id=LEAD)


def allowed(rule: object, project: Project) -> list[Actor]:
    return [who for who in ALL if rule(who, project)]  # type: ignore[operator]


def test_the_team_and_the_readers_of_the_papers_see_it(project: Project) -> None:
    assert allowed(policy.may_see, project) == [OFFICER, CITY, AUDITOR, LEADER, MEMBER]


def test_the_lead_alone_reports(project: Project) -> None:
    assert allowed(policy.may_report, project) == [LEADER]


def test_officers_of_the_issuing_body_alone_manage(project: Project) -> None:
    assert allowed(policy.may_manage, project) == [OFFICER]


def test_nobody_confirms_what_they_recorded() -> None:
    assert not policy.may_confirm(OFFICER, OFFICER.user_id)
    assert policy.may_confirm(OFFICER, LEADER.user_id)
    assert policy.may_confirm(OFFICER, None)
