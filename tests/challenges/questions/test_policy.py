"""Who asks, answers and withdraws: role by act by whose challenge or question."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from portal.challenges.models import Call, Challenge
from portal.challenges.questions import policy
from portal.challenges.questions.models import Question
from portal.challenges.questions.rules import QuestionState
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Membership, Role

ISSUER, ELSEWHERE = uuid4(), uuid4()
S, Q = ChallengeState, QuestionState
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def actor(*roles: Role, at: UUID = ELSEWHERE) -> Actor:
    held = tuple(Membership(at, "某单位", role) for role in roles)
    return Actor(uuid4(), "某人", "person@example.org", memberships=held)


BIDDERS = [actor(Role.BIDDER_LEAD), actor(Role.PARTNER)]
OWN = [actor(Role.CITY_OFFICER, at=ISSUER), actor(Role.DISTRICT_OFFICER, at=ISSUER)]
OTHERS = [
    actor(Role.CITY_OFFICER),
    actor(Role.DISTRICT_OFFICER),
    actor(Role.REVIEWER),
    actor(Role.AUDITOR),
    actor(Role.ADMINISTRATOR, at=ISSUER),
    actor(),
]


def challenge(state: ChallengeState = S.PUBLISHED) -> Challenge:
    published_at = None if state in (S.DRAFT, S.PROPOSED) else NOW
    return Challenge(call=Call(issuer_id=ISSUER), state=state, published_at=published_at)


def test_bidders_ask_about_what_is_published_and_nobody_else_does() -> None:
    for who in BIDDERS:
        assert policy.may_ask(who, challenge())
        assert not policy.may_ask(who, challenge(S.DRAFT))
    for who in (*OWN, *OTHERS, actor(Role.BIDDER_LEAD, at=ISSUER)):
        assert not policy.may_ask(who, challenge())


@pytest.mark.parametrize("state", list(S))
def test_the_issuing_body_answers_until_the_opening_and_nobody_else_does(
    state: ChallengeState,
) -> None:
    for who in OWN:
        assert bool(policy.may_answer(who, challenge(state))) is (state is S.PUBLISHED)
    for who in (*BIDDERS, *OTHERS):
        assert not policy.may_answer(who, challenge(state))


@pytest.mark.parametrize("other", [None, *Q])
@pytest.mark.parametrize("state", list(Q))
def test_only_whoever_asked_withdraws_and_only_before_the_answer(
    state: QuestionState, other: QuestionState | None
) -> None:
    asker = BIDDERS[0]
    question = Question(asked_by=asker.user_id, state=state)
    question.same_as = Question(state=other) if other else None
    can = state in (Q.ASKED, Q.SAME) and other is not Q.ANSWERED
    assert bool(policy.may_withdraw(asker, question)) is can
    for who in (BIDDERS[1], *OWN, *OTHERS):
        assert not policy.may_withdraw(who, question)
