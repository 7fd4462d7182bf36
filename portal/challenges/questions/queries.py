"""Reads of questions and answers; the asker's own, the officer's waiting ones, the public's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.challenges import policy as challenge_policy
from portal.challenges.amendments.models import Amendment
from portal.challenges.finding.queries import followers_of
from portal.challenges.models import Call, Challenge
from portal.challenges.questions.models import Question
from portal.challenges.questions.rules import QuestionState, likeness
from portal.challenges.rules import ChallengeState
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound

PAGE = 20
LATEST = 3
COMPARED = 200
SHOWN_ALIKE = 30
Cursor = tuple[datetime, UUID]


@dataclass(frozen=True)
class Waiting:
    """How many questions on a challenge wait for an answer, and since when."""

    challenge: Challenge
    count: int
    since: datetime


def lock(session: Session, question_id: UUID) -> Question:
    """The question with its challenge, locked; the challenge first, for its numbers. Raises NotFound."""
    challenge_id = session.scalar(select(Question.challenge_id).where(Question.id == question_id))
    if challenge_id is None:
        raise NotFound
    session.scalars(
        select(Challenge.id).where(Challenge.id == challenge_id).with_for_update(key_share=True)
    ).one()
    return session.scalars(
        select(Question)
        .where(Question.id == question_id)
        .options(joinedload(Question.challenge).joinedload(Challenge.call))
        .with_for_update(key_share=True, of=Question)
        .execution_options(populate_existing=True)
    ).one()


def answered(
    session: Session, challenge_id: UUID, before: int | None = None, limit: int = PAGE + 1
) -> Sequence[Question]:
    """The published answers of a challenge, newest first, from before a number."""
    query = (
        select(Question)
        .where(Question.challenge_id == challenge_id, Question.number.is_not(None))
        .order_by(Question.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Question.number < before)
    return session.scalars(query).all()


def published(session: Session, question_id: UUID) -> Question:
    """A question whose answer is public, with its challenge. Raises NotFound."""
    query = select(Question).where(Question.id == question_id, Question.number.is_not(None))
    found = session.scalars(query.options(joinedload(Question.challenge))).one_or_none()
    if found is None:
        raise NotFound
    return found


def amendment_numbers(session: Session, questions: Sequence[Question]) -> dict[UUID, int | None]:
    """The numbers of the amendments in force in which answers went, by their ids."""
    ids = [question.amendment_id for question in questions if question.amendment_id]
    if not ids:
        return {}
    query = select(Amendment.id, Amendment.number).where(Amendment.id.in_(ids))
    found = session.execute(query.where(Amendment.number.is_not(None)))
    return {row.id: row.number for row in found}


def next_number(session: Session, challenge_id: UUID) -> int:
    """The number of the challenge's next answer; the caller has locked the challenge."""
    query = select(func.max(Question.number)).where(Question.challenge_id == challenge_id)
    return (session.scalar(query) or 0) + 1


def mine(session: Session, actor: Actor | None, challenge_id: UUID) -> Sequence[Question]:
    """What the actor has asked about a challenge, newest first."""
    if actor is None:
        return []
    return session.scalars(
        select(Question)
        .where(
            Question.asked_by == actor.user_id,
            Question.challenge_id == challenge_id,
            Question.state != QuestionState.WITHDRAWN,
        )
        .options(joinedload(Question.same_as))
        .order_by(Question.asked_at.desc(), Question.id.desc())
        .limit(PAGE)
    ).all()


def own(session: Session, actor: Actor, question_id: UUID) -> Question:
    """A question that the actor has asked. Raises NotFound."""
    found = session.get(Question, question_id, options=[joinedload(Question.challenge)])
    if found is None or found.asked_by != actor.user_id:
        raise NotFound
    return found


def waiting_of(session: Session, person_id: UUID, challenge_id: UUID) -> int:
    """How many questions of a person on a challenge wait for an answer."""
    query = (
        select(func.count())
        .select_from(Question)
        .where(
            Question.asked_by == person_id,
            Question.challenge_id == challenge_id,
            Question.state == QuestionState.ASKED,
        )
    )
    return session.scalar(query) or 0


def unanswered(
    session: Session, challenge_id: UUID, after: Cursor | None = None
) -> Sequence[Question]:
    """What waits for an answer, oldest first, a page at a time and one more."""
    query = (
        select(Question)
        .where(Question.challenge_id == challenge_id, Question.state == QuestionState.ASKED)
        .order_by(Question.asked_at, Question.id)
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(tuple_(Question.asked_at, Question.id) > after)
    return session.scalars(query).all()


def to_answer(session: Session, actor: Actor, question_id: UUID) -> Question:
    """A question on a challenge of the officer's own body. Raises NotFound."""
    call = joinedload(Question.challenge).joinedload(Challenge.call)
    found = session.get(Question, question_id, options=[call, joinedload(Question.same_as)])
    if found is None or not challenge_policy.may_manage(actor, found.challenge):
        raise NotFound
    return found


def alike(session: Session, question: Question) -> list[Question]:
    """The challenge's other questions, waiting or answered, the most similar first."""
    others = session.scalars(
        select(Question)
        .where(
            Question.challenge_id == question.challenge_id,
            Question.id != question.id,
            Question.state.in_([QuestionState.ASKED, QuestionState.ANSWERED]),
        )
        .order_by(Question.asked_at.desc())
        .limit(COMPARED)
    ).all()
    found = sorted(others, key=lambda other: -likeness(question.text, other.wording or other.text))
    return found[:SHOWN_ALIKE]


def same_as(session: Session, question_id: UUID) -> Sequence[Question]:
    """The questions that are answered with this one."""
    query = select(Question).where(Question.same_as_id == question_id)
    return session.scalars(query.order_by(Question.asked_at, Question.id)).all()


def waiting(session: Session, actor: Actor) -> list[Waiting]:
    """On which challenges of the officer's bodies questions wait, the oldest first."""
    since = func.min(Question.asked_at)
    rows = session.execute(
        select(Challenge, func.count(), since)
        .join(Question, Question.challenge_id == Challenge.id)
        .join(Call, Call.id == Challenge.call_id)
        .where(
            Question.state == QuestionState.ASKED,
            Challenge.state == ChallengeState.PUBLISHED,
            Call.issuer_id.in_(actor.organisations_as(*OFFICERS)),
        )
        .group_by(Challenge.id)
        .order_by(since, Challenge.id)
        .limit(50)
    ).all()
    return [Waiting(challenge, count, first) for challenge, count, first in rows]


def askers(session: Session, question: Question) -> set[UUID]:
    """Who asked this, alone or in other words: to tell them, and to show to nobody."""
    return {question.asked_by, *(other.asked_by for other in same_as(session, question.id))}


def askers_of(session: Session, challenge_id: UUID) -> set[UUID]:
    """Who has asked anything about a challenge: to tell them, and to show to nobody."""
    query = select(Question.asked_by).where(Question.challenge_id == challenge_id)
    return set(session.scalars(query.distinct()))


def to_amend(session: Session, challenge_id: UUID) -> Sequence[Question]:
    """Answers that change what is asked for and that no amendment has taken up, in their order."""
    query = select(Question).where(
        Question.challenge_id == challenge_id,
        Question.number.is_not(None),
        Question.amends,
        Question.amendment_id.is_(None),
    )
    return session.scalars(query.order_by(Question.number)).all()


def taken_up_by(session: Session, amendment_id: UUID) -> Sequence[Question]:
    """The answers that an amendment puts into the sheet, in their order."""
    query = select(Question).where(Question.amendment_id == amendment_id)
    return session.scalars(query.order_by(Question.number)).all()


def hearers(session: Session, question: Question) -> set[UUID]:
    """Whom challenges know of who hear of an answer; features above add their own."""
    return {*askers(session, question), *followers_of(session, question.challenge_id)}
