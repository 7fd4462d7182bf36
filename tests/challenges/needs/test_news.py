"""Whoever raised a need hears what became of the challenge that came of it."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.challenges import service as challenges
from portal.challenges import stages
from portal.challenges.needs import service
from portal.challenges.needs.models import Need
from portal.challenges.needs.rules import NeedState
from portal.challenges.rules import ChallengeState
from portal.core.access import Role
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.factories.accounts import make_person
from tests.factories.challenges import make_call, make_challenge, make_officer
from tests.factories.finding import make_follow
from tests.factories.needs import WORDS, make_need
from workers.handlers import load_handlers


def owner_of(need: Need) -> Person:
    return make_person(Role.PARTNER, organisation=need.owner)


def told(session: Session, person: Person) -> list[str]:
    query = select(InboxItem.subject).where(InboxItem.person_id == person.id)
    return list(session.scalars(query.order_by(InboxItem.at)))


@pytest.mark.parametrize(
    ("action", "state", "words"),
    [
        ("award", ChallengeState.NOTICED, "is awarded"),
        ("fail", ChallengeState.RANKED, "without an award"),
        ("complete", ChallengeState.AWARDED, "is accepted"),
    ],
)
def test_who_raised_a_need_hears_what_became_of_it_and_a_follower_of_both_hears_it_once(
    session: Session, now: datetime, action: str, state: ChallengeState, words: str
) -> None:
    challenge = make_challenge(published=True, state=state)
    need = make_need(challenge_id=challenge.id, state=NeedState.DRAFTED, handed_in_at=now)
    merged = make_need(
        merged_into_id=need.id, state=NeedState.MERGED, handed_in_at=now, answer=WORDS
    )
    own, other = owner_of(need), owner_of(merged)
    make_follow(own, challenge)
    stages.advance(challenge, action, now)
    session.commit()
    event = session.scalars(select(Event)).one()
    for _ in range(2):
        load_handlers()[Topic(event.topic)](event.payload, now)
    for who in (own, other):
        assert [words in text for text in told(session, who)] == [True]


def test_who_raised_a_need_hears_that_its_challenge_is_cancelled(
    session: Session, now: datetime
) -> None:
    call, need = make_call(), make_need(taken_up=True)
    own, officer = owner_of(need), actor_of(make_officer(call))
    challenge = service.draft(officer, need.id, call.id, now)
    challenges.cancel(officer, challenge.id, "立项条件变化,本榜题不再发布。", now)
    for _ in range(2):
        challenges.tell_of_cancelling(challenge.id, now)
    assert ["was cancelled" in text for text in told(session, own)] == [False, True]
