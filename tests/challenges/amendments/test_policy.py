"""Who may amend, approve, give back and drop: the issuing body, and who else may not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.challenges.amendments import policy
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.rules import AmendmentKind, AmendmentState
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Membership, Role

ISSUER = uuid4()
CLOSES = datetime(2026, 9, 1, tzinfo=UTC)
BEFORE, AFTER = CLOSES - timedelta(days=1), CLOSES + timedelta(days=1)
S, K = AmendmentState, AmendmentKind


def actor(*roles: Role, at: UUID) -> Actor:
    held = tuple(Membership(at, "某单位", role) for role in roles)
    return Actor(uuid4(), "某人", "person@example.org", memberships=held)


PROPOSER = actor(Role.CITY_OFFICER, at=ISSUER)
SECOND = actor(Role.DISTRICT_OFFICER, at=ISSUER)
OTHERS = [actor(role, at=uuid4()) for role in Role] + [
    actor(Role.BIDDER_LEAD, Role.PARTNER, Role.REVIEWER, Role.AUDITOR, at=ISSUER)
]


def amendment(
    state: AmendmentState,
    kind: AmendmentKind = K.CHANGE,
    of: ChallengeState = ChallengeState.PUBLISHED,
    opened_at: datetime | None = None,
) -> Amendment:
    challenge = Challenge(
        call=Call(issuer_id=ISSUER), state=of, closes_at=CLOSES, opened_at=opened_at
    )
    return Amendment(challenge=challenge, state=state, kind=kind, proposed_by=PROPOSER.user_id)


@pytest.mark.parametrize("state", list(S))
def test_each_act_is_the_issuing_bodys_in_its_state_and_nobody_elses(state: S) -> None:
    one = amendment(state)
    for who in (PROPOSER, SECOND):
        assert bool(policy.may_write(who, one, BEFORE)) == (state is S.DRAFT)
        assert bool(policy.may_edit(who, one, BEFORE)) == (state is S.DRAFT)
        assert not policy.may_edit(who, amendment(state, K.EXTENSION), BEFORE)
        assert bool(policy.may_return(who, one)) == (state is S.PROPOSED)
        assert bool(policy.may_drop(who, one)) == (state in (S.DRAFT, S.PROPOSED))
    assert bool(policy.may_approve(SECOND, one, BEFORE)) == (state is S.PROPOSED)
    assert not policy.may_approve(PROPOSER, one, BEFORE), "nobody approves their own"
    for who in OTHERS:
        acts = (policy.may_write(who, one, BEFORE), policy.may_approve(who, one, BEFORE))
        assert not policy.may_edit(who, one, BEFORE)
        assert not any((*acts, policy.may_return(who, one), policy.may_drop(who, one)))


def test_a_change_ends_with_the_deadline_and_an_extension_with_the_opening() -> None:
    change, extension = amendment(S.PROPOSED), amendment(S.PROPOSED, K.EXTENSION)
    assert policy.may_approve(SECOND, change, BEFORE)
    assert not policy.may_approve(SECOND, change, CLOSES)
    assert policy.may_approve(SECOND, extension, AFTER)
    opened = amendment(S.PROPOSED, K.EXTENSION, ChallengeState.OPENED, AFTER)
    assert not policy.may_approve(SECOND, opened, AFTER)
    assert policy.may_drop(SECOND, opened)


@pytest.mark.parametrize("state", list(ChallengeState))
def test_only_what_is_published_and_not_opened_is_amended_or_extended(
    state: ChallengeState,
) -> None:
    one = amendment(S.DRAFT, of=state).challenge
    published = state is ChallengeState.PUBLISHED
    assert bool(policy.may_amend(SECOND, one, BEFORE)) is published
    assert not policy.may_amend(SECOND, one, CLOSES)
    assert bool(policy.may_extend(SECOND, one)) is published
    for who in OTHERS:
        assert not policy.may_amend(who, one, BEFORE)
        assert not policy.may_extend(who, one)
