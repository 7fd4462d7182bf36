"""Until when one asks, by when an answer is due, and which questions are alike."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges.questions import rules
from portal.challenges.questions.rules import (
    MOST_WAITING,
    QUESTION_MOVES,
    TEXT_MINIMUM,
    QuestionState,
    answer_due,
    likeness,
    takes_questions,
)
from portal.challenges.rules import ChallengeState

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
TEXTS = st.text(st.sampled_from("场景验收 abc?,"), max_size=30)


@pytest.mark.parametrize("state", list(ChallengeState))
def test_only_an_open_challenge_takes_questions_and_the_last_instant_is_late(
    state: ChallengeState,
) -> None:
    closes_at, until = NOW + 7 * DAY, NOW
    is_open = state is ChallengeState.PUBLISHED
    assert takes_questions(state, closes_at, until, NOW - INSTANT) is is_open
    assert not takes_questions(state, closes_at, until, NOW)
    assert not takes_questions(state, closes_at, None, NOW - DAY)
    assert not takes_questions(state, None, until, NOW - DAY)


@settings(max_examples=150)
@given(ahead=st.integers(-2000, 2000), left=st.integers(-2000, 2000))
def test_no_question_is_taken_after_its_date_or_after_the_deadline(ahead: int, left: int) -> None:
    closes_at, until = NOW + timedelta(minutes=ahead), NOW + timedelta(minutes=left)
    taken = takes_questions(ChallengeState.PUBLISHED, closes_at, until, NOW)
    assert taken == (ahead > 0 and left > 0)


def test_a_late_question_is_told_the_date_in_beijing_at_its_field() -> None:
    error = rules.late(NOW)
    assert error.field == "text"
    assert "2026-05-01 08:00" in str(error)
    assert rules.late(None).field == "text"


@settings(max_examples=100)
@given(st.integers(0, 100))
def test_a_person_has_at_most_so_many_questions_waiting(waiting: int) -> None:
    assert (rules.too_many(waiting) is None) == (waiting < MOST_WAITING)


@settings(max_examples=100)
@given(st.text(st.sampled_from("问 \n"), max_size=30))
def test_a_question_and_an_answer_have_at_least_ten_characters(text: str) -> None:
    problem = rules.text_problem(text, "answer")
    assert (problem is None) == (len(text.strip()) >= TEXT_MINIMUM)
    assert problem is None or problem.field == "answer"


@settings(max_examples=100, deadline=None)  # the first look at a year's holidays is slow
@given(st.integers(0, 600 * 24), st.integers(0, 30 * 24))
def test_an_answer_is_due_after_three_working_days_but_before_the_deadline(
    hours: int, left: int
) -> None:
    asked_at = NOW + timedelta(hours=hours)
    closes_at = asked_at + timedelta(hours=left)
    due, free = answer_due(asked_at, closes_at), answer_due(asked_at, None)
    assert due == min(free, closes_at)
    assert asked_at + 3 * DAY <= free


@settings(max_examples=200)
@given(TEXTS, TEXTS)
def test_likeness_is_a_share_the_same_both_ways_and_whole_for_the_same(
    one: str, other: str
) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) == 1
    assert likeness(one, f" {one.upper()}。") == 1


def test_a_question_in_other_words_is_more_alike_than_another_question() -> None:
    question = "示范场景是否可以分期验收?"
    assert likeness(question, "请问示范场景能否分期验收") > likeness(question, "注册资本有无要求?")


def test_an_answer_is_never_taken_back() -> None:
    assert QUESTION_MOVES.is_final(QuestionState.ANSWERED)
    assert QUESTION_MOVES.is_final(QuestionState.WITHDRAWN)
    taken = {state for state in QuestionState if rules.takes_same(state)}
    assert taken == {QuestionState.ASKED, QuestionState.ANSWERED}
