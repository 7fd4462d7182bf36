"""What makes a decision fair, when objections are taken, and what comes next."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.awards import rules
from portal.awards.rules import NOTICE_MOVES, Disputed, Next, NoticeState, Ranked, Wording
from portal.core.errors import (
    DeadlinePassed,
    IllegalMove,
    Invalid,
    InvalidInput,
    Overtaken,
    TooEarly,
)
from portal.core.workdays import DayKind, DayUnit, is_settled, window_days, window_end

A, B, C, D = (uuid4() for _ in range(4))
RANKED = [Ranked(A, 1, True), Ranked(B, 2, True), Ranked(C, 3, True), Ranked(D, 4, False)]
END = datetime(2026, 12, 18, 16, 0, tzinfo=UTC)
REASON = "第一名单位已承担在研项目两项，按限项规定不再支持本题。"


@pytest.mark.parametrize(("most", "expected"), [(1, [A]), (2, [A, B]), (9, [A, B, C])])
def test_the_first_of_those_who_passed_are_proposed(most: int, expected: list[UUID]) -> None:
    assert rules.proposed(list(reversed(RANKED)), most) == expected


@pytest.mark.parametrize(
    ("chosen", "departs"),
    [([A], False), ([A, B], False), ([B], True), ([A, C], True), ([], True)],
)
def test_a_choice_past_a_better_place_departs(chosen: list[UUID], departs: bool) -> None:
    assert rules.deviates(RANKED, chosen) is departs


def test_bids_of_one_place_are_equals() -> None:
    tied = [Ranked(A, 1, True), Ranked(B, 1, True)]
    assert not rules.deviates(tied, [B])


def test_a_better_place_that_did_not_pass_is_no_departure() -> None:
    assert not rules.deviates([Ranked(A, 1, False), Ranked(B, 2, True)], [B])


def test_whoever_is_out_counts_as_not_passed_and_the_next_steps_in() -> None:
    left = rules.in_play(RANKED, {A})
    assert rules.proposed(left, 2) == [B, C]
    assert not rules.deviates(left, [B])
    with pytest.raises(InvalidInput):
        rules.check_decision(left, [A], 2, worded("会议"))


def worded(meeting: str, reason: str = "") -> Wording:
    return Wording(meeting, reason, "高新处 010-1", "机关纪委 010-2")


@pytest.mark.parametrize(
    ("chosen", "wording", "no_award", "wrong"),
    [
        ([], worded("会议"), False, {"winners"}),
        ([D], worded("会议", REASON), False, {"winners"}),
        ([UUID(int=1)], worded("会议", REASON), False, {"winners"}),
        ([A, A], worded("会议"), False, {"winners"}),
        ([A, B, C], worded("会议"), False, {"winners"}),
        ([A], worded("  "), False, {"meeting"}),
        ([B], worded("会议", "太短"), False, {"deviation_reason"}),
        ([C], worded(" "), False, {"meeting", "deviation_reason"}),
        ([A], Wording("会议"), False, {"business_contact", "supervision_contact"}),
        ([], worded("会议", "太短"), True, {"deviation_reason"}),
        ([A], worded("会议", REASON), True, {"winners"}),
    ],
    ids=range(11),
)
def test_a_decision_that_lacks_something_is_refused_with_all_of_it(
    chosen: list[UUID], wording: Wording, no_award: bool, wrong: set[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        rules.check_decision(RANKED, chosen, 2, wording, no_award)
    assert {problem.field for problem in refusal.value.problems} == wrong


@pytest.mark.parametrize(
    ("chosen", "reason", "no_award"),
    [([A], "", False), ([A, B], "", False), ([B], REASON, False), ([], REASON, True)],
    ids=range(4),
)
def test_a_decision_with_all_that_it_needs_holds(
    chosen: list[UUID], reason: str, no_award: bool
) -> None:
    rules.check_decision(RANKED, chosen, 2, worded("第12次主任办公会", reason), no_award)


def test_a_draft_that_was_not_seen_is_neither_overwritten_nor_published() -> None:
    rules.require_seen(2, 2, "林清")
    with pytest.raises(Overtaken) as refusal:
        rules.require_seen(2, 1, "林清")
    assert "林清" in str(refusal.value)


def test_an_objection_at_the_closing_instant_is_late() -> None:
    just_before = END - timedelta(microseconds=1)
    rules.require_window(NoticeState.PUBLISHED, END, just_before)
    with pytest.raises(DeadlinePassed):
        rules.require_window(NoticeState.PUBLISHED, END, END)


@pytest.mark.parametrize("state", sorted(set(NoticeState) - rules.OUT))
def test_objections_are_taken_on_published_notices_only(state: NoticeState) -> None:
    with pytest.raises(IllegalMove):
        rules.require_window(state, END, END - timedelta(days=1))


def test_a_window_is_over_by_the_clock_whatever_a_worker_did() -> None:
    before = END - timedelta(microseconds=1)
    assert rules.state_at(NoticeState.PUBLISHED, END, before) is NoticeState.PUBLISHED
    assert rules.state_at(NoticeState.PUBLISHED, END, END) is NoticeState.CLOSED
    assert rules.state_at(NoticeState.WITHDRAWN, END, END) is NoticeState.WITHDRAWN
    with pytest.raises(DeadlinePassed):
        rules.require_window(NoticeState.CLOSED, END, END)


def test_the_award_waits_for_the_window_and_for_every_objection() -> None:
    with pytest.raises(TooEarly) as early:
        rules.require_confirmable(END, Disputed(), END - timedelta(seconds=1))
    assert "2026-12-19 00:00" in str(early.value)
    with pytest.raises(TooEarly):
        rules.require_confirmable(None, Disputed(), END)
    for blocking in (Disputed(open=1), Disputed(upheld=1), Disputed(renounced=1)):
        with pytest.raises(IllegalMove):
            rules.require_confirmable(END, blocking, END)
    rules.require_confirmable(END, Disputed(), END)


def test_a_notice_is_withdrawn_only_with_cause() -> None:
    rules.require_withdrawable(Disputed(upheld=1))
    rules.require_withdrawable(Disputed(renounced=1))
    with pytest.raises(IllegalMove):
        rules.require_withdrawable(Disputed(open=1))


@pytest.mark.parametrize(
    ("state", "disputed", "now", "expected"),
    [
        (NoticeState.DECIDED, Disputed(), END, Next.PUBLISH),
        (NoticeState.PUBLISHED, Disputed(), END - timedelta(days=1), Next.WAIT),
        (NoticeState.PUBLISHED, Disputed(), END, Next.CONFIRM),
        (NoticeState.CLOSED, Disputed(), END, Next.CONFIRM),
        (NoticeState.PUBLISHED, Disputed(open=1), END, Next.ANSWER),
        (NoticeState.PUBLISHED, Disputed(open=1, upheld=1), END, Next.WITHDRAW),
        (NoticeState.CLOSED, Disputed(renounced=1), END, Next.WITHDRAW),
        (NoticeState.CONFIRMED, Disputed(), END, Next.NOTHING),
        (NoticeState.WITHDRAWN, Disputed(upheld=1), END, Next.NOTHING),
    ],
    ids=range(9),
)
def test_what_comes_next(
    state: NoticeState, disputed: Disputed, now: datetime, expected: Next
) -> None:
    assert rules.next_step(state, END, disputed, now) is expected


def test_the_calendar_of_a_window_marks_holidays_and_swapped_days() -> None:
    days = window_days(datetime(2026, 9, 29, 2, 0, tzinfo=UTC), 5, DayUnit.WORKING)
    kinds = {one.day.isoformat(): one.kind for one in days}
    assert kinds["2026-10-01"] is DayKind.HOLIDAY
    assert kinds["2026-10-04"] is DayKind.WEEKEND
    assert kinds["2026-10-10"] is DayKind.SWAPPED
    assert [one.number for one in days if one.number] == [1, 2, 3, 4, 5]
    assert days[0].number is None
    assert is_settled(2026)
    assert not is_settled(2090)


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


_N = NoticeState
NOTICE_TABLE = {
    (_N.DECIDED, "publish"): _N.PUBLISHED,
    (_N.DECIDED, "announce"): _N.ANNOUNCED,
    (_N.PUBLISHED, "close"): _N.CLOSED,
    **{(state, "confirm"): _N.CONFIRMED for state in rules.OUT},
    (_N.CONFIRMED, "reopen"): _N.WITHDRAWN,
    **{(state, "correct"): _N.CORRECTED for state in rules.OUT},
    **{(state, "withdraw"): _N.WITHDRAWN for state in rules.OUT},
}


def test_the_lifecycle_has_these_moves_and_no_others() -> None:
    assert {(m.state, m.action): m.next for m in NOTICE_MOVES} == NOTICE_TABLE
