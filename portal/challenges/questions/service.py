"""Asking without a name, answering in public, and taking a question back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import gate
from portal.challenges import queries as challenge_queries
from portal.challenges.amendments import queries as amendment_queries
from portal.challenges.questions import news, policy, queries, rules
from portal.challenges.questions.models import Question
from portal.challenges.questions.rules import QUESTION_MOVES, QuestionState
from portal.core import outbox
from portal.core.access import SYSTEM, Actor
from portal.core.crypto import sha256
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound, check
from portal.core.outbox import Topic
from portal.core.words import N_


@dataclass(frozen=True)
class AnswerFacts:
    """What an officer writes about a question."""

    wording: str
    answer: str
    amends: bool


def ask(actor: Actor, code: str, text: str, now: datetime) -> Question:
    """Ask about a challenge. The log has a fingerprint of the question and nobody's name.

    Raises NotFound, NotAllowed, Invalid, InvalidInput.
    """
    with transaction() as session:
        challenge = challenge_queries.visible_by_code(session, actor, code)
        if challenge is None:
            raise NotFound
        gate.enter(session, challenge.id)
        session.refresh(challenge, ["state", "closes_at"])
        policy.may_ask(actor, challenge).enforce()
        until = challenge.questions_until
        if not rules.takes_questions(challenge.state, challenge.closes_at, until, now):
            raise rules.late(until)
        waiting = queries.waiting_of(session, actor.user_id, challenge.id)
        check(rules.text_problem(text, "text"), rules.too_many(waiting))
        question = Question(challenge=challenge, asked_by=actor.user_id, asked_at=now)
        question.text = text.strip()
        session.add(question)
        session.flush()
        facts = {"challenge": code, "sha256": sha256(question.text.encode())}
        audit.record(session, SYSTEM, Action.QUESTION_ASKED, question.subject_ref, now, **facts)
    return question


def withdraw(actor: Actor, question_id: UUID, now: datetime) -> Question:
    """Take one's own question back; what was to be answered with it waits by itself again.

    Raises NotFound, NotAllowed.
    """
    with transaction() as session:
        question = queries.lock(session, question_id)
        policy.may_withdraw(actor, question).enforce()
        for other in queries.same_as(session, question.id):
            QUESTION_MOVES.move(other, "part")
            other.same_as_id = None
        QUESTION_MOVES.move(question, "withdraw")
        question.same_as_id = None
        audit.record(session, SYSTEM, Action.QUESTION_WITHDRAWN, question.subject_ref, now)
    return question


def keep(actor: Actor, question_id: UUID, facts: AnswerFacts, now: datetime) -> Question:
    """Keep an answer as a draft. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        question = _to_answer(session, actor, question_id)
        _write(question, facts)
        audit.record(session, actor, Action.ANSWER_DRAFTED, question.subject_ref, now)
    return question


def publish(actor: Actor, question_id: UUID, facts: AnswerFacts, now: datetime) -> Question:
    """Publish the answer under the challenge's next number.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        question = _to_answer(session, actor, question_id)
        check(
            rules.text_problem(facts.wording, "wording"),
            rules.text_problem(facts.answer, "answer"),
        )
        _write(question, facts)
        question.number = queries.next_number(session, question.challenge_id)
        question.answered_by, question.answered_at = actor.user_id, now
        QUESTION_MOVES.move(question, "publish")
        ref, number = question.subject_ref, question.number
        audit.record(session, actor, Action.QUESTION_ANSWERED, ref, now, number=number)
        outbox.announce(session, Topic.QUESTION_ANSWERED, question_id=question.id)
    return question


def join(actor: Actor, question_id: UUID, other_id: UUID | None, now: datetime) -> Question:
    """Answer a question with another one of the same challenge, waiting or answered.

    Raises NotFound, NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        question = _to_answer(session, actor, question_id)
        other = session.get(Question, other_id) if other_id else None
        if other is None or not _fits(question, other):
            raise Invalid("other", N_("Please choose a question that waits or is answered."))
        moved = [question, *queries.same_as(session, question.id)]
        for one in moved:
            one.same_as_id = other.id
        QUESTION_MOVES.move(question, "join")
        ref, facts = question.subject_ref, {"other": other.subject_ref}
        audit.record(session, actor, Action.QUESTION_JOINED, ref, now, **facts)
        if other.state is QuestionState.ANSWERED:
            news.answered(session, other, {one.asked_by for one in moved})
    return question


def link(actor: Actor, question_id: UUID, number: int, now: datetime) -> Question:
    """Say in which amendment of the challenge a published answer went.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        question = queries.lock(session, question_id)
        policy.may_link(actor, question).enforce()
        in_force = amendment_queries.in_force(session, question.challenge_id)
        found = [amendment for amendment in in_force if amendment.number == number]
        if not found:
            raise Invalid("number", N_("There is no amendment with this number."))
        question.amendment_id = found[0].id
        ref, facts = question.subject_ref, {"amendment": number}
        audit.record(session, actor, Action.ANSWER_LINKED, ref, now, **facts)
    return question


def _fits(question: Question, other: Question) -> bool:
    same_list = other.challenge_id == question.challenge_id and other.id != question.id
    return same_list and rules.takes_same(other.state)


def _to_answer(session: Session, actor: Actor, question_id: UUID) -> Question:
    """A question that the officer may answer and that waits. Raises NotFound, NotAllowed, IllegalMove."""
    question = queries.lock(session, question_id)
    policy.may_answer(actor, question.challenge).enforce()
    QUESTION_MOVES.after(question.state, "publish")
    return question


def _write(question: Question, facts: AnswerFacts) -> None:
    question.wording, question.answer = facts.wording.strip(), facts.answer.strip()
    question.amends = facts.amends
