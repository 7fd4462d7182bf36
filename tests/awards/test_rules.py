"""What makes a decision fair, when objections are taken, and what comes next."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.awards import rules
from portal.awards.rules import (
    NOTICE_MOVES,
    OBJECTION_MOVES,
    Next,
    NoticeState,
    ObjectionState,
    Ranked,
)
from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, InvalidInput, TooEarly
from portal.core.workdays import DayUnit, window_end

A, B, C, D = (uuid4() for _ in range(4))
RANKED = [Ranked(A, 1, True), Ranked(B, 2, True), Ranked(C, 3, True), Ranked(D, 4, False)]
END = datetime(2026, 12, 18, 16, 0, tzinfo=UTC)
REASON = "第一名单位已承担在研项目两项，按限项规定不再支持本题。"


@pytest.mark.parametrize(("most", "expected"), [(1, [A]), (2, [A, B]), (9, [A, B, C])])
def test_the_first_of_those_who_passed_are_proposed(most: int, expected: list[UUID]) -> None:
    assert rules.proposed(list(reversed(RANKED)), most) == expected


@pytest.mark.parametrize(
    ("chosen", "departs"),
    [([A], False), ([A, B], False), ([B], True), ([A, C], True), ([], False)],
)
def test_a_choice_past_a_better_place_departs(chosen: list[UUID], departs: bool) -> None:
    assert rules.deviates(RANKED, chosen) is departs


def test_bids_of_one_place_are_equals() -> None:
    tied = [Ranked(A, 1, True), Ranked(B, 1, True)]
    assert not rules.deviates(tied, [B])


def test_a_better_place_that_did_not_pass_is_no_departure() -> None:
    assert not rules.deviates([Ranked(A, 1, False), Ranked(B, 2, True)], [B])


@pytest.mark.parametrize(
    ("chosen", "meeting", "reason", "wrong"),
    [
        ([], "会议", "", {"winners"}),
        ([D], "会议", REASON, {"winners"}),
        ([uuid4()], "会议", REASON, {"winners"}),
        ([A, A], "会议", "", {"winners"}),
        ([A, B, C], "会议", "", {"winners"}),
        ([A], "  ", "", {"meeting"}),
        ([B], "会议", "太短", {"deviation_reason"}),
        ([C], " ", "", {"meeting", "deviation_reason"}),
    ],
)
def test_a_decision_that_lacks_something_is_refused_with_all_of_it(
    chosen: list[UUID], meeting: str, reason: str, wrong: set[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        rules.check_decision(RANKED, chosen, 2, meeting, reason)
    assert {problem.field for problem in refusal.value.problems} == wrong


@pytest.mark.parametrize(("chosen", "reason"), [([A], ""), ([A, B], ""), ([B], REASON)])
def test_a_decision_with_all_that_it_needs_holds(chosen: list[UUID], reason: str) -> None:
    rules.check_decision(RANKED, chosen, 2, "第12次主任办公会", reason)


def test_an_objection_at_the_closing_instant_is_late() -> None:
    just_before = END - timedelta(microseconds=1)
    rules.require_window(NoticeState.PUBLISHED, END, just_before)
    with pytest.raises(DeadlinePassed):
        rules.require_window(NoticeState.PUBLISHED, END, END)


@pytest.mark.parametrize("state", set(NoticeState) - {NoticeState.PUBLISHED})
def test_objections_are_taken_on_published_notices_only(state: NoticeState) -> None:
    with pytest.raises(IllegalMove):
        rules.require_window(state, END, END - timedelta(days=1))


def test_one_objection_waits_for_its_answer_before_the_next() -> None:
    rules.require_first([ObjectionState.DISMISSED])
    with pytest.raises(Invalid):
        rules.require_first([ObjectionState.DISMISSED, ObjectionState.RAISED])


def test_the_award_waits_for_the_window_and_for_every_objection() -> None:
    with pytest.raises(TooEarly) as early:
        rules.require_confirmable(END, [], END - timedelta(seconds=1))
    assert "2026-12-19 00:00" in str(early.value)
    with pytest.raises(TooEarly):
        rules.require_confirmable(None, [], END)
    for blocking in (ObjectionState.RAISED, ObjectionState.UPHELD):
        with pytest.raises(IllegalMove):
            rules.require_confirmable(END, [ObjectionState.DISMISSED, blocking], END)
    rules.require_confirmable(END, [ObjectionState.DISMISSED], END)


def test_a_notice_is_withdrawn_only_after_an_upheld_objection() -> None:
    rules.require_upheld([ObjectionState.UPHELD])
    with pytest.raises(IllegalMove):
        rules.require_upheld([ObjectionState.RAISED, ObjectionState.DISMISSED])


@pytest.mark.parametrize(
    ("state", "objections", "now", "expected"),
    [
        (NoticeState.DECIDED, [], END, Next.PUBLISH),
        (NoticeState.PUBLISHED, [], END - timedelta(days=1), Next.WAIT),
        (NoticeState.PUBLISHED, [], END, Next.CONFIRM),
        (NoticeState.PUBLISHED, [ObjectionState.RAISED, ObjectionState.UPHELD], END, Next.ANSWER),
        (NoticeState.PUBLISHED, [ObjectionState.UPHELD], END, Next.WITHDRAW),
        (NoticeState.PUBLISHED, [ObjectionState.DISMISSED], END, Next.CONFIRM),
        (NoticeState.CONFIRMED, [], END, Next.NOTHING),
        (NoticeState.WITHDRAWN, [ObjectionState.UPHELD], END, Next.NOTHING),
    ],
)
def test_what_comes_next(
    state: NoticeState, objections: list[ObjectionState], now: datetime, expected: Next
) -> None:
    assert rules.next_step(state, END, objections, now) is expected


def test_a_window_over_national_day_in_working_days_ends_after_the_holidays() -> None:
    published = datetime(2026, 9, 29, 2, 0, tzinfo=UTC)
    calendar = window_end(published, 5, DayUnit.CALENDAR)
    working = window_end(published, 5, DayUnit.WORKING)
    assert rules.last_day(calendar).astimezone(rules.PLACE).date().isoformat() == "2026-10-04"
    assert rules.last_day(working) > rules.last_day(calendar) + timedelta(days=3)


@pytest.mark.parametrize("text", ["", "   ", "短", " " * 30])
def test_words_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_said("text", text)
    assert refusal.value.field == "text"


NOTICE_TABLE = {
    (NoticeState.DECIDED, "publish"): NoticeState.PUBLISHED,
    (NoticeState.PUBLISHED, "confirm"): NoticeState.CONFIRMED,
    (NoticeState.PUBLISHED, "withdraw"): NoticeState.WITHDRAWN,
}
OBJECTION_TABLE = {
    (ObjectionState.RAISED, "uphold"): ObjectionState.UPHELD,
    (ObjectionState.RAISED, "dismiss"): ObjectionState.DISMISSED,
}


def test_the_lifecycles_have_these_moves_and_no_others() -> None:
    assert {(m.state, m.action): m.next for m in NOTICE_MOVES} == NOTICE_TABLE
    assert {(m.state, m.action): m.next for m in OBJECTION_MOVES} == OBJECTION_TABLE
