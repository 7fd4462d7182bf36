"""Who may do what with a need: role by act by whose need, success and refusal together."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from portal.accounts.models import Organisation
from portal.challenges.needs import policy
from portal.challenges.needs.models import Need, Opinion
from portal.challenges.needs.rules import NEED_MOVES, OPEN_STATES, NeedState, OpinionState
from portal.clusters.models import Cluster
from portal.core.access import Actor, Membership, Role

OWNER, ELSEWHERE = uuid4(), uuid4()
S, O = NeedState, OpinionState  # noqa: E741 - many lines of a table
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def actor(*roles: Role, at: UUID = ELSEWHERE, district: str | None = None) -> Actor:
    held = tuple(Membership(at, "某单位", role, district) for role in roles)
    return Actor(uuid4(), "某人", "person@example.org", memberships=held)


EXPERT = actor(Role.REVIEWER)
OWNERS = {role.value: actor(role, at=OWNER) for role in policy.RAISERS}
CITY = actor(Role.CITY_OFFICER)
HOME_DISTRICT = actor(Role.DISTRICT_OFFICER, district="石景山区")
CLUSTER_DISTRICT = actor(Role.DISTRICT_OFFICER, district="昌平区")
OTHER_DISTRICT = actor(Role.DISTRICT_OFFICER, district="朝阳区")
NO_DISTRICT = actor(Role.DISTRICT_OFFICER)
AUDITOR = actor(Role.AUDITOR)
OVERSEERS = {"city": CITY, "owner's district": HOME_DISTRICT, "cluster's": CLUSTER_DISTRICT}
STRANGERS = {
    "another district": OTHER_DISTRICT,
    "an officer without a district": NO_DISTRICT,
    "bidder elsewhere": actor(Role.BIDDER_LEAD, Role.PARTNER),
    "expert who was not asked": actor(Role.REVIEWER),
    "administrator": actor(Role.ADMINISTRATOR),
    "administrator of the owner": actor(Role.ADMINISTRATOR, at=OWNER),
    "nobody": actor(),
}


def need(state: NeedState = S.HANDED_IN, asked: OpinionState = O.ASKED) -> Need:
    one = Need(
        owner_id=OWNER,
        state=state,
        owner=Organisation(district="石景山区"),
        cluster=Cluster(district="昌平区"),
        handed_in_at=None if state is S.DRAFT else NOW,
    )
    one.opinions = [Opinion(expert_id=EXPERT.user_id, state=asked)]
    return one


@pytest.mark.parametrize("state", list(S))
def test_a_need_is_read_by_its_owner_officers_auditors_and_the_experts_asked(
    state: NeedState,
) -> None:
    one, is_out = need(state), state is not S.DRAFT
    assert all(policy.may_read(who, one) for who in OWNERS.values())
    for who in (*OVERSEERS.values(), AUDITOR, EXPERT):
        assert policy.may_read(who, one) is is_out
    assert {name for name, who in STRANGERS.items() if policy.may_read(who, one)} == set()


def test_an_expert_who_declined_reads_it_no_more() -> None:
    assert policy.may_read(EXPERT, need(asked=O.GIVEN))
    assert not policy.may_read(EXPERT, need(asked=O.REFUSED))


def test_opinions_are_for_officers_and_auditors_not_for_the_owner() -> None:
    one = need()
    assert all(policy.may_read_all(who, one) for who in (*OVERSEERS.values(), AUDITOR))
    for who in (*OWNERS.values(), *STRANGERS.values(), EXPERT):
        assert not policy.may_read_all(who, one)
    assert not any(
        policy.may_read_all(who, need(S.DRAFT)) for who in (*OVERSEERS.values(), AUDITOR)
    )


@pytest.mark.parametrize("state", list(S))
def test_the_owner_changes_drafts_and_takes_back_what_nobody_took_up(state: NeedState) -> None:
    one = need(state)
    for who in OWNERS.values():
        assert bool(policy.may_edit(who, one)) is (state is S.DRAFT)
        assert bool(policy.may_take_back(who, one)) is (state is S.HANDED_IN)
    for who in (*OVERSEERS.values(), *STRANGERS.values(), AUDITOR, EXPERT):
        assert not policy.may_edit(who, one)
        assert not policy.may_take_back(who, one)


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("act", ["merge", "answer", "decline", "draft", "reopen"])
def test_officers_do_what_the_lifecycle_has_and_nobody_else_does(
    act: str, state: NeedState
) -> None:
    one, has_it = need(state), NEED_MOVES.allows(state, act)
    for who in OVERSEERS.values():
        assert bool(policy.may_act(who, one, act)) is has_it
    for who in (*OWNERS.values(), *STRANGERS.values(), AUDITOR, EXPERT):
        assert not policy.may_act(who, one, act)


@pytest.mark.parametrize("state", list(S))
def test_open_needs_are_sorted_and_experts_asked_by_officers_only(state: NeedState) -> None:
    one, is_open = need(state), state in OPEN_STATES
    for rule in (policy.may_sort, policy.may_ask):
        assert all(bool(rule(who, one)) is is_open for who in OVERSEERS.values())
        for who in (*OWNERS.values(), *STRANGERS.values(), AUDITOR, EXPERT):
            assert not rule(who, one)


@pytest.mark.parametrize("asked", list(O))
@pytest.mark.parametrize("state", list(S))
def test_only_the_expert_who_was_asked_speaks_once_while_the_need_is_open(
    state: NeedState, asked: OpinionState
) -> None:
    opinion = need(state, asked).opinions[0]
    can = asked is O.ASKED and state in OPEN_STATES
    assert bool(policy.may_speak(EXPERT, opinion)) is can
    for who in (*OVERSEERS.values(), *OWNERS.values(), *STRANGERS.values(), AUDITOR):
        assert not policy.may_speak(who, opinion)


def test_people_of_an_organisation_raise_needs_for_it_and_for_no_other() -> None:
    for who in OWNERS.values():
        assert policy.may_write(who)
        assert policy.may_raise(who, OWNER)
        assert not policy.may_raise(who, ELSEWHERE)
    for who in (CITY, AUDITOR, HOME_DISTRICT, actor(Role.ADMINISTRATOR, at=OWNER), actor()):
        assert not policy.may_write(who)
        assert not policy.may_raise(who, OWNER)


def test_the_board_is_for_officers_and_auditors() -> None:
    assert all(policy.may_browse(who) for who in (*OVERSEERS.values(), AUDITOR, OTHER_DISTRICT))
    for who in (*OWNERS.values(), EXPERT, STRANGERS["administrator"], STRANGERS["nobody"]):
        assert not policy.may_browse(who)
