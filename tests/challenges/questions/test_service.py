"""Asking, answering, joining and withdrawing on a real database; nobody's name is given away."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.bids import hearing
from portal.challenges import service as challenges
from portal.challenges.models import Challenge
from portal.challenges.questions import queries, service
from portal.challenges.questions.models import Question
from portal.challenges.questions.rules import MOST_WAITING, QuestionState
from portal.challenges.questions.service import AnswerFacts
from portal.core.access import SYSTEM, Actor, Role
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from tests.copies import copies
from tests.factories.accounts import make_actor, make_person
from tests.factories.amendments import make_amendment
from tests.factories.bids import make_bid
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.finding import make_follow
from tests.factories.questions import make_question
from tests.refusal import refused

TEXT = "示范场景是否可以分期验收?"
FACTS = AnswerFacts(TEXT, "可以分两期验收,期限不变。", False)


def officer_of(challenge: Challenge) -> Actor:
    return actor_of(make_officer(challenge))


def asker_of(session: Session, question: Question) -> Actor:
    return actor_of(session.get_one(Person, question.asked_by))


def told(session: Session) -> dict[UUID, str]:
    return {item.person_id: item.subject for item in session.scalars(select(InboxItem))}


def test_a_bidder_asks_and_the_log_names_nobody(session: Session, now: datetime) -> None:
    challenge, own = make_challenge(published=True), make_actor(Role.PARTNER)
    for other in (make_actor(Role.REVIEWER), officer_of(challenge)):
        refused(NotAllowed, service.ask, other, challenge.code, TEXT, now)
    question = service.ask(own, challenge.code, f" {TEXT} ", now)
    assert (question.state, question.text) == (QuestionState.ASKED, TEXT)
    entry = session.scalars(select(Entry).where(Entry.kind == "question.asked")).one()
    assert entry.actor_ref == str(SYSTEM.user_id)
    names = (own.name, own.organisation_name, str(own.user_id), own.email)
    assert not any(name in f"{entry.payload}{entry.subject_ref}" for name in names)
    assert TEXT not in str(entry.payload)


def test_asking_ends_at_its_date_and_at_so_many(session: Session, now: datetime) -> None:
    challenge, own = make_challenge(published=True), make_actor(Role.PARTNER)
    until = challenge.questions_until
    assert until is not None
    error = refused(Invalid, service.ask, own, challenge.code, TEXT, until)
    assert isinstance(error, Invalid)
    assert error.field == "text"
    refused(InvalidInput, service.ask, own, challenge.code, "短", now)
    first = service.ask(own, challenge.code, TEXT, until - timedelta(microseconds=1))
    copies(first, MOST_WAITING - 1)
    refused(InvalidInput, service.ask, own, challenge.code, TEXT, now)
    service.ask(make_actor(Role.PARTNER), challenge.code, TEXT, now)


def test_nobody_asks_about_what_is_not_open(session: Session, now: datetime) -> None:
    draft, own = make_challenge(), make_actor(Role.PARTNER)
    refused(NotFound, service.ask, own, draft.code, TEXT, now)
    refused(NotFound, service.ask, own, "nothing", TEXT, now)
    cancelled = make_challenge(published=True)
    why = "立项条件变化,本榜题不再发布。"
    challenges.cancel(officer_of(cancelled), cancelled.id, why, now)
    refused(Invalid, service.ask, own, cancelled.code, TEXT, now)


def test_answers_are_numbered_in_the_order_of_publishing(session: Session, now: datetime) -> None:
    challenge = make_challenge(published=True)
    officer = officer_of(challenge)
    first, second, third = (make_question(challenge) for _ in range(3))
    make_question(number=7)
    for question in (third, first):
        service.publish(officer, question.id, FACTS, now)
    assert (third.number, first.number, second.number) == (1, 2, None)
    assert [q.id for q in queries.answered(session, challenge.id)] == [first.id, third.id]
    assert [q.id for q in queries.unanswered(session, challenge.id)] == [second.id]
    topics = session.scalars(select(Event.topic)).all()
    assert topics == [Topic.QUESTION_ANSWERED.value] * 2


def test_only_the_issuing_body_answers_and_only_once(session: Session, now: datetime) -> None:
    question = make_question()
    officer = officer_of(question.challenge)
    for other in (make_actor(Role.CITY_OFFICER), asker_of(session, question)):
        for act in (service.keep, service.publish):
            refused(NotAllowed, act, other, question.id, FACTS, now)
        refused(NotAllowed, service.join, other, question.id, uuid4(), now)
    refused(NotFound, service.publish, officer, uuid4(), FACTS, now)
    service.keep(officer, question.id, AnswerFacts("", "尚在核实", True), now)
    assert (question.state, question.answer, question.amends) == (
        QuestionState.ASKED,
        "尚在核实",
        True,
    )
    error = refused(
        InvalidInput, service.publish, officer, question.id, AnswerFacts("", "", False), now
    )
    assert isinstance(error, InvalidInput)
    assert {problem.field for problem in error.problems} == {"wording", "answer"}
    service.publish(officer, question.id, FACTS, now)
    for act in (service.keep, service.publish):
        refused(IllegalMove, act, officer, question.id, FACTS, now)
    assert session.scalar(select(func.count()).select_from(Question)) == 1


def test_whoever_asked_follows_or_writes_a_bid_is_told_once(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    question, same = make_question(challenge), make_question(challenge)
    bid = make_bid(challenge=challenge)
    gone = make_bid(challenge=make_challenge(published=True))
    writer, follower = session.get_one(Person, bid.started_by), make_person(Role.REVIEWER)
    make_follow(follower, challenge)
    make_follow(session.get_one(Person, question.asked_by), challenge)
    officer = officer_of(challenge)
    service.join(officer, same.id, question.id, now)
    service.publish(officer, question.id, FACTS, now)
    for _ in range(2):
        hearing.tell_of_answer(question.id, now)
    found = told(session)
    assert {found[who] for who in (question.asked_by, same.asked_by)} == {
        "Your question on “%(title)s” is answered: no. %(number)s."
    }
    others = {"A question on “%(title)s” is answered: no. %(number)s."}
    assert {found[writer.id], found[follower.id]} == others
    assert gone.started_by not in found
    assert officer.user_id not in found


def test_a_question_is_joined_to_one_that_waits_or_is_answered(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    officer = officer_of(challenge)
    main, same, later = (make_question(challenge) for _ in range(3))
    foreign = make_question()
    for wrong in (same.id, foreign.id, uuid4(), None):
        refused(Invalid, service.join, officer, same.id, wrong, now)
    service.join(officer, same.id, main.id, now)
    assert (same.state, same.same_as_id) == (QuestionState.SAME, main.id)
    refused(Invalid, service.join, officer, main.id, same.id, now)
    refused(IllegalMove, service.join, officer, same.id, later.id, now)
    service.publish(officer, later.id, FACTS, now)
    service.join(officer, main.id, later.id, now)
    session.expire_all()
    assert {q.id for q in queries.same_as(session, later.id)} == {main.id, same.id}
    assert set(told(session)) == {main.asked_by, same.asked_by}


def test_a_question_is_withdrawn_before_its_answer_and_those_joined_wait_again(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    officer = officer_of(challenge)
    main, same = make_question(challenge), make_question(challenge)
    service.join(officer, same.id, main.id, now)
    own, other = asker_of(session, main), asker_of(session, same)
    refused(NotAllowed, service.withdraw, other, main.id, now)
    service.withdraw(own, main.id, now)
    session.expire_all()
    assert (main.state, same.state) == (QuestionState.WITHDRAWN, QuestionState.ASKED)
    assert same.same_as_id is None
    service.publish(officer, same.id, FACTS, now)
    refused(NotAllowed, service.withdraw, other, same.id, now)
    actors = session.scalars(select(Entry.actor_ref).where(Entry.kind == "question.withdrawn"))
    assert list(actors) == [str(SYSTEM.user_id)]


def test_a_joined_question_is_withdrawn_until_the_other_is_answered(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    officer = officer_of(challenge)
    main, first, second = (make_question(challenge) for _ in range(3))
    for question in (first, second):
        service.join(officer, question.id, main.id, now)
    service.withdraw(asker_of(session, first), first.id, now)
    service.publish(officer, main.id, FACTS, now)
    refused(NotAllowed, service.withdraw, asker_of(session, second), second.id, now)
    session.refresh(second)
    assert second.state is QuestionState.SAME


def test_an_answer_that_announced_an_amendment_is_linked_to_it_once(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    officer = officer_of(challenge)
    applied = make_amendment(challenge, applied=True)
    question = make_question(challenge, number=1, amends=True)
    plain = make_question(challenge, number=2)
    refused(Invalid, service.link, officer, question.id, 2, now)
    refused(NotAllowed, service.link, make_actor(Role.CITY_OFFICER), question.id, 1, now)
    refused(NotAllowed, service.link, officer, plain.id, 1, now)
    service.link(officer, question.id, 1, now)
    assert queries.amendment_numbers(session, [question, plain]) == {applied.id: 1}
    refused(NotAllowed, service.link, officer, question.id, 1, now)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": QuestionState.ANSWERED},
        {"number": 1, "answer": ""},
        {"state": QuestionState.SAME},
    ],
)
def test_the_database_keeps_no_question_that_contradicts_itself(
    session: Session, wrong: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError):
        make_question(**wrong)  # type: ignore[arg-type]


def test_two_answers_never_have_the_same_number(session: Session) -> None:
    challenge = make_challenge(published=True)
    make_question(challenge, number=1)
    with pytest.raises(IntegrityError):
        make_question(challenge, number=1)
