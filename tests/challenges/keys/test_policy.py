"""Who sees, names, takes and proves: every role, of every body, at every state, written out once."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from portal.challenges.keys import policy
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.challenges.keys.rules import HOLDERS, ROLES, Body, KeyState, ShareState
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import OFFICERS, Actor, Membership, Role

ISSUER = uuid4()
CLOSES = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
BEFORE, AFTER = CLOSES - timedelta(microseconds=1), CLOSES
UNPUBLISHED = {ChallengeState.DRAFT, ChallengeState.PROPOSED}
PEOPLE = [(role, at) for role in Role for at in ("issuer", "elsewhere")]


def actor(role: Role, at: UUID, person: UUID | None = None) -> Actor:
    held = (Membership(at, "某单位", role),)
    return Actor(person or uuid4(), "某人", "person@example.org", memberships=held)


def challenge(state: ChallengeState) -> Challenge:
    published = None if state in UNPUBLISHED else CLOSES - timedelta(days=30)
    call = Call(issuer_id=ISSUER)
    return Challenge(call=call, state=state, published_at=published, closes_at=CLOSES)


def share_of(
    holder: int, home: UUID, state: ChallengeState, key: KeyState, share: ShareState
) -> KeyShare:
    made = OpeningKey(challenge=challenge(state), state=key)
    return KeyShare(key=made, holder=holder, person_id=uuid4(), organisation_id=home, state=share)


@pytest.mark.parametrize(("role", "at"), PEOPLE, ids=lambda one: getattr(one, "value", one))
def test_who_sees_and_who_names(role: Role, at: str) -> None:
    person = actor(role, ISSUER if at == "issuer" else uuid4())
    manages = role in OFFICERS and at == "issuer"
    nameable = {*UNPUBLISHED, ChallengeState.PUBLISHED}
    for state, now in product(ChallengeState, (BEFORE, AFTER)):
        row = challenge(state)
        assert bool(policy.may_see(person, row)) is (manages or role is Role.AUDITOR)
        in_time = state in UNPUBLISHED or now < CLOSES
        for key in (None, *KeyState):
            made = OpeningKey(challenge=row, state=key) if key else None
            expected = manages and state in nameable and in_time and key is not KeyState.READY
            assert bool(policy.may_name(person, row, made, now)) is expected


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_who_takes_and_who_proves(holder: int, role: Role) -> None:
    home = ISSUER if HOLDERS[holder] is Body.ISSUER else uuid4()
    fits = role in ROLES[HOLDERS[holder]]
    for state, key, stage, now in product(ChallengeState, KeyState, ShareState, (BEFORE, AFTER)):
        share = share_of(holder, home, state, key, stage)
        own = actor(role, home, share.person_id)
        due = state is ChallengeState.PUBLISHED and now < CLOSES and key is KeyState.WAITING
        assert bool(policy.may_hold(own, share)) is fits
        assert bool(policy.may_take(own, share, now)) is (fits and due)
        proves = fits and due and stage is ShareState.TAKEN
        assert bool(policy.may_prove(own, share, now)) is proves
        for other in (actor(role, home), actor(role, uuid4(), share.person_id)):
            assert not policy.may_hold(other, share)
            assert not policy.may_take(other, share, now)
            assert not policy.may_prove(other, share, now)
