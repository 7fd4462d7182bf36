"""Who may draft, see, manage and cancel a challenge: everybody else may not, in the same test."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from portal.challenges import policy
from portal.challenges.models import Call, Challenge, Proposal
from portal.challenges.rules import UNPUBLISHED, ChallengeState, Outcome
from portal.core.access import Actor, Decision, Membership, Role
from portal.core.errors import NotAllowed

ISSUER, ELSEWHERE = uuid4(), uuid4()
S = ChallengeState


def actor(*roles: Role, at: UUID = ELSEWHERE) -> Actor:
    held = tuple(Membership(at, "某单位", role) for role in roles)
    return Actor(uuid4(), "某人", "person@example.org", memberships=held)


OWN = {
    "city officer": actor(Role.CITY_OFFICER, at=ISSUER),
    "district officer": actor(Role.DISTRICT_OFFICER, at=ISSUER),
}
CITY, AUDITOR = actor(Role.CITY_OFFICER), actor(Role.AUDITOR)
STRANGERS = {
    "district officer elsewhere": actor(Role.DISTRICT_OFFICER),
    "bidder": actor(Role.BIDDER_LEAD, Role.PARTNER),
    "reviewer": actor(Role.REVIEWER),
    "administrator": actor(Role.ADMINISTRATOR),
    "the issuer's people who are not its officers": actor(
        Role.BIDDER_LEAD, Role.PARTNER, Role.REVIEWER, Role.ADMINISTRATOR, at=ISSUER
    ),
    "somebody without a role": actor(),
}
NOT_ISSUING = {**STRANGERS, "city officer elsewhere": CITY, "auditor": AUDITOR}


def challenge(state: ChallengeState = S.DRAFT, public: bool | None = None) -> Challenge:
    was_public = state not in UNPUBLISHED if public is None else public
    published_at = datetime(2026, 5, 1, tzinfo=UTC) if was_public else None
    return Challenge(call=Call(issuer_id=ISSUER), state=state, published_at=published_at)


@pytest.mark.parametrize(
    "rule", [policy.may_manage, policy.may_edit, policy.may_propose, policy.may_cancel]
)
def test_the_officers_of_the_issuing_body_and_nobody_else_work_on_a_draft(
    rule: Callable[[Actor, Challenge], Decision],
) -> None:
    draft = challenge()
    assert all(rule(one, draft) for one in OWN.values())
    assert {name for name, one in NOT_ISSUING.items() if rule(one, draft)} == set()
    for one in NOT_ISSUING.values():
        with pytest.raises(NotAllowed):
            rule(one, draft).enforce()


def test_challenges_are_drafted_for_the_calls_of_ones_own_body() -> None:
    call = Call(issuer_id=ISSUER)
    assert all(policy.may_draft(one, call) for one in OWN.values())
    assert not any(policy.may_draft(one, call) for one in NOT_ISSUING.values())
    assert all(policy.may_write(one) for one in (*OWN.values(), CITY))
    writers = {name for name, one in NOT_ISSUING.items() if policy.may_write(one)}
    assert writers == {"district officer elsewhere", "city officer elsewhere"}


@pytest.mark.parametrize("state", list(S))
def test_what_the_issuing_body_may_do_depends_on_the_state(state: ChallengeState) -> None:
    one, own = challenge(state), OWN["city officer"]
    assert policy.may_manage(own, one)
    assert bool(policy.may_edit(own, one)) == (state is S.DRAFT)
    assert bool(policy.may_propose(own, one)) == (state is S.DRAFT)
    assert bool(policy.may_cancel(own, one)) == (state in (S.DRAFT, S.PROPOSED, S.PUBLISHED))


@pytest.mark.parametrize("state", list(S))
def test_everybody_sees_what_was_published_and_nobody_else_a_draft(state: ChallengeState) -> None:
    one = challenge(state)
    assert all(policy.may_see(reader, one) for reader in OWN.values())
    for reader in (None, *NOT_ISSUING.values()):
        assert policy.may_see(reader, one) is (state not in UNPUBLISHED)


def test_a_draft_that_was_cancelled_was_never_public() -> None:
    one = challenge(S.CANCELLED, public=False)
    assert all(policy.may_see(reader, one) for reader in OWN.values())
    assert not any(policy.may_see(reader, one) for reader in (None, *NOT_ISSUING.values()))


def test_papers_are_for_the_issuing_body_city_officers_and_auditors() -> None:
    one = challenge(S.OPENED)
    assert all(policy.may_read_papers(who, one) for who in (*OWN.values(), CITY, AUDITOR))
    assert not any(policy.may_read_papers(who, one) for who in STRANGERS.values())


def test_another_officer_of_the_body_decides_and_only_the_proposer_takes_back() -> None:
    proposer, second = OWN["city officer"], OWN["district officer"]
    waiting = Proposal(challenge=challenge(S.PROPOSED), proposed_by=proposer.user_id)
    assert policy.may_decide(second, waiting)
    assert not policy.may_take_back(second, waiting)
    assert not policy.may_decide(proposer, waiting)
    assert policy.may_take_back(proposer, waiting)
    for rule in (policy.may_decide, policy.may_take_back):
        assert {name for name, one in NOT_ISSUING.items() if rule(one, waiting)} == set()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_is_decided_is_not_decided_again(outcome: Outcome) -> None:
    proposer, second = OWN["city officer"], OWN["district officer"]
    past = Proposal(challenge=challenge(S.PROPOSED), proposed_by=proposer.user_id, outcome=outcome)
    assert not policy.may_decide(second, past)
    assert not policy.may_take_back(proposer, past)
