"""A milestone is reworked once and not for long, is late by the clock, and waits for experts in time."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.core.errors import IllegalMove, Invalid
from portal.projects.milestones import rules
from portal.projects.milestones.rules import (
    OPINION_MOVES,
    MilestoneState,
    OpinionState,
    ReminderKind,
)

M, OP, K = MilestoneState, OpinionState, ReminderKind
NOW = datetime(2026, 5, 4, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def test_work_is_put_right_once_within_three_months() -> None:
    rules.require_rework(False, NOW + 60 * DAY, NOW)
    rules.require_rework(False, datetime(2026, 8, 4, 2, tzinfo=UTC), NOW)
    for until in (None, NOW, NOW - DAY, datetime(2026, 8, 4, 2, 1, tzinfo=UTC)):
        with pytest.raises(Invalid):
            rules.require_rework(False, until, NOW)
    with pytest.raises(IllegalMove):
        rules.require_rework(True, NOW + DAY, NOW)


@pytest.mark.parametrize(
    ("state", "due", "expected"),
    [
        (M.PLANNED, NOW, True),
        (M.PLANNED, NOW + timedelta(seconds=1), False),
        (M.REWORK, NOW - DAY, True),
        (M.REPORTED, NOW - DAY, False),
        (M.FAILED, NOW - DAY, False),
    ],
)
def test_late_is_what_the_lead_should_have_reported(
    state: MilestoneState, due: datetime, expected: bool
) -> None:
    assert rules.is_late(state, due, NOW) is expected


def test_only_what_is_overdue_fails_without_a_report() -> None:
    rules.require_overdue(M.REPORTED, NOW + DAY, NOW)
    rules.require_overdue(M.PLANNED, NOW, NOW)
    for state in (M.PLANNED, M.REWORK):
        with pytest.raises(IllegalMove):
            rules.require_overdue(state, NOW + DAY, NOW)


def test_nothing_is_decided_while_an_expert_has_time() -> None:
    rules.require_heard([(OP.GIVEN, NOW + DAY), (OP.DECLINED, NOW + DAY), (OP.ASKED, NOW)], NOW)
    with pytest.raises(IllegalMove):
        rules.require_heard([(OP.ASKED, NOW + DAY)], NOW)


@pytest.mark.parametrize(
    ("state", "due", "reported", "expected"),
    [
        (M.PLANNED, NOW + 15 * DAY, None, None),
        (M.PLANNED, NOW + 14 * DAY, None, K.SOON),
        (M.PLANNED, NOW, None, K.LATE),
        (M.REWORK, NOW + DAY, NOW - 40 * DAY, K.SOON),
        (M.REPORTED, NOW - 40 * DAY, NOW - 14 * DAY, None),
        (M.REPORTED, NOW + 40 * DAY, NOW - 15 * DAY, K.EXAMINE),
        (M.ACCEPTED, NOW - 40 * DAY, NOW - 40 * DAY, None),
    ],
)
def test_what_has_to_be_said(
    state: MilestoneState,
    due: datetime,
    reported: datetime | None,
    expected: ReminderKind | None,
) -> None:
    assert rules.reminder(state, due, reported, NOW) is expected


def test_opinions_are_about_what_is_reported_and_due_ahead() -> None:
    rules.require_reported(M.REPORTED)
    with pytest.raises(IllegalMove):
        rules.require_reported(M.ACCEPTED)
    assert rules.answer_until(NOW + DAY, NOW) == NOW + DAY
    for due in (None, NOW):
        with pytest.raises(Invalid):
            rules.answer_until(due, NOW)


def test_a_visit_was_on_a_day_that_has_come() -> None:
    today = date(2026, 5, 4)
    assert rules.visited_on(today, today) == today
    for day in (None, date(2026, 5, 5)):
        with pytest.raises(Invalid):
            rules.visited_on(day, today)


def test_an_opinion_is_answered_once() -> None:
    assert {(move.state, move.action): move.next for move in OPINION_MOVES} == {
        (OP.ASKED, "give"): OP.GIVEN,
        (OP.ASKED, "decline"): OP.DECLINED,
        (OP.ASKED, "withdraw"): OP.WITHDRAWN,
    }
