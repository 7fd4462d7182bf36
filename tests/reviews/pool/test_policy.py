"""Who may read the pool, propose, approve, rest and remove: every role."""

import pytest
from sqlalchemy.orm import Session

from portal.core.access import OFFICERS, Role
from portal.reviews.pool import policy
from portal.reviews.pool.rules import PoolState
from tests.factories.accounts import make_actor, make_person
from tests.factories.reviews import make_reviewer, reviewer_actor

PROPOSERS = {Role.ADMINISTRATOR, *OFFICERS}


@pytest.mark.parametrize("role", list(Role))
def test_the_pool_is_open_to_those_who_run_or_check_reviews(session: Session, role: Role) -> None:
    actor = make_actor(role)
    assert bool(policy.may_propose(actor)) == (role in PROPOSERS)
    assert bool(policy.may_read_pool(actor)) == (role in PROPOSERS | {Role.AUDITOR})
    assert bool(policy.may_propose_oneself(actor)) == (role is Role.REVIEWER)


@pytest.mark.parametrize("role", list(Role))
def test_an_entry_is_changed_by_its_expert_and_by_who_may_propose(
    session: Session, role: Role
) -> None:
    reviewer = make_reviewer()
    actor, expert = make_actor(role), reviewer_actor(reviewer)
    assert bool(policy.may_edit(actor, reviewer)) == (role in PROPOSERS)
    assert bool(policy.may_rest(actor, reviewer)) == (role in OFFICERS)
    assert bool(policy.may_remove(actor, reviewer)) == (role in OFFICERS)
    assert policy.may_edit(expert, reviewer)
    assert policy.may_rest(expert, reviewer)
    assert not policy.may_remove(expert, reviewer)
    reviewer.state = PoolState.REMOVED
    assert not policy.may_edit(actor, reviewer)
    assert not policy.may_edit(expert, reviewer)


@pytest.mark.parametrize("role", list(Role))
def test_an_entry_is_approved_by_another_officer(session: Session, role: Role) -> None:
    proposer = make_person(Role.CITY_OFFICER)
    reviewer = make_reviewer(state=PoolState.PROPOSED, proposed_by=proposer.id)
    assert bool(policy.may_approve(make_actor(role), reviewer)) == (role in OFFICERS)
    actor = make_actor(role)
    reviewer.proposed_by = actor.user_id
    assert not policy.may_approve(actor, reviewer)
    assert not policy.may_approve(reviewer_actor(reviewer), reviewer)
