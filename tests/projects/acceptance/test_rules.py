"""The life of an acceptance: papers, money, experts, and which conclusion follows from what."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import DeadlinePassed, IllegalMove, InvalidInput
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.workdays import PLACE
from portal.projects import course
from portal.projects.acceptance import rules
from portal.projects.acceptance.rules import (
    ACCEPTANCE_MOVES,
    AcceptanceState,
    Conclusion,
    Line,
    PaperKind,
    Readiness,
    Standing,
)
from portal.projects.course import Step
from portal.projects.milestones.rules import MilestoneState
from portal.projects.rules import ProjectState

A, S = AcceptanceState, Standing
NOW = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)
WORDS = "四项指标均按任务书完成，成果已在园区使用，材料见附件。"
MEASURED, UNMEASURED = Readiness(0, 0, 0, 0), Readiness(0, 1, 0, 0)


def test_an_acceptance_has_these_moves_and_no_others() -> None:
    assert {(m.state, m.action): m.next for m in ACCEPTANCE_MOVES} == {
        (A.REQUESTED, "return"): A.RETURNED,
        (A.RETURNED, "request"): A.REQUESTED,
        (A.REQUESTED, "complete"): A.EXAMINED,
        (A.EXAMINED, "pass"): A.PASSED,
        (A.EXAMINED, "rework"): A.REWORK,
        (A.EXAMINED, "fail"): A.FAILED,
        (A.REWORK, "fail"): A.FAILED,
    }


@pytest.mark.parametrize(
    ("state", "given_", "joint", "expected"),
    [
        (None, [], False, S.NONE),
        (A.REQUESTED, [], False, S.CHECKING),
        (A.RETURNED, [], False, S.RETURNED),
        (A.EXAMINED, [], False, S.NAMING),
        (A.EXAMINED, [True, True], False, S.NAMING),
        (A.EXAMINED, [True] * 4, False, S.NAMING),
        (A.EXAMINED, [True, True, False], False, S.JUDGING),
        (A.EXAMINED, [True] * 3, False, S.JOINT),
        (A.EXAMINED, [True] * 3, True, S.CONCLUDING),
        (A.REWORK, [True] * 3, True, S.REWORK),
        (A.PASSED, [True] * 3, True, S.OVER),
        (A.FAILED, [], False, S.OVER),
    ],
)
def test_what_an_acceptance_waits_for(
    state: AcceptanceState | None, given_: list[bool], joint: bool, expected: Standing
) -> None:
    assert rules.standing(state, given_, joint) is expected


@pytest.mark.parametrize(
    ("standing", "ready", "expected"),
    [
        (S.NONE, UNMEASURED, [Step.REQUEST]),
        (S.RETURNED, UNMEASURED, [Step.REQUEST]),
        (S.CHECKING, UNMEASURED, [Step.CHECK]),
        (S.NAMING, UNMEASURED, [Step.NAME, Step.MEASURE]),
        (S.JUDGING, UNMEASURED, [Step.MEASURE]),
        (S.JUDGING, MEASURED, [Step.JUDGE]),
        (S.JOINT, MEASURED, [Step.JUDGE]),
        (S.CONCLUDING, Readiness(0, 0, 1, 1), [Step.ACCEPT]),
        (S.REWORK, Readiness(0, 0, 1, 1), [Step.IMPROVE]),
        (S.OVER, MEASURED, []),
    ],
)
def test_the_project_says_whose_turn_it_is(
    standing: Standing, ready: Readiness, expected: list[Step]
) -> None:
    steps = course.steps(ProjectState.ACTIVE, [MilestoneState.ACCEPTED], [], ready, standing)
    assert steps == expected


def test_a_third_examination_and_a_late_second_one_are_refused() -> None:
    rules.require_requestable(1, None, NOW)
    rules.require_requestable(2, NOW, NOW)
    with pytest.raises(DeadlinePassed):
        rules.require_requestable(2, NOW - timedelta(seconds=1), NOW)
    with pytest.raises(IllegalMove):
        rules.require_requestable(3, None, NOW)


def test_two_months_end_with_the_day_in_beijing() -> None:
    latest = rules.latest_rework(NOW).astimezone(PLACE)
    assert (latest.month, latest.day, latest.hour, latest.minute) == (2, 28, 23, 59)


@pytest.mark.parametrize("missing", list(PaperKind))
def test_each_document_is_needed(missing: PaperKind) -> None:
    there = set(PaperKind) - {missing}
    with pytest.raises(InvalidInput) as refusal:
        rules.check_papers(there, "检测中心", ["牵头单位"], WORDS)
    assert [problem.field for problem in refusal.value.problems] == [missing.value]


def test_whoever_tests_is_not_of_the_team() -> None:
    rules.check_papers(PaperKind, "检测中心", ["牵头单位"], WORDS)
    for tester, summary, wrong in ((" 牵头单位 ", WORDS, "tester"), ("", WORDS, "tester")):
        with pytest.raises(InvalidInput) as refusal:
            rules.check_papers(PaperKind, tester, ["牵头单位"], summary)
        assert [problem.field for problem in refusal.value.problems] == [wrong]


@given(
    source=st.sampled_from(FundSource),
    received=st.decimals(0, 10**9, places=2),
    spent=st.decimals(0, 10**9, places=2),
)
def test_surplus_of_public_money_alone_goes_back(
    source: FundSource, received: Decimal, spent: Decimal
) -> None:
    line = Line(source, received, received, spent)
    if spent > received:
        with pytest.raises(InvalidInput):
            rules.check_statement([line])
        return
    rules.check_statement([line])
    assert line.left + line.spent == received
    assert line.goes_back == (line.left if source in PUBLIC_SOURCES else 0)


C = Conclusion


@pytest.mark.parametrize(
    ("conclusion", "joint", "attempt", "recorded", "holds"),
    [
        (C.PASS, C.PASS, 1, True, True),
        (C.PASS, C.PASS, 2, True, True),
        (C.PASS, C.PASS, 1, False, False),
        (C.PASS, C.REWORK, 1, True, False),
        (C.PASS, C.FAIL, 2, True, False),
        (C.REWORK, C.PASS, 1, False, True),
        (C.REWORK, C.REWORK, 2, True, False),
        (C.FAIL, C.PASS, 1, False, True),
        (C.FAIL, C.REWORK, 2, False, True),
        (C.FAIL, None, 1, True, False),
    ],
)
def test_which_conclusion_follows(
    conclusion: Conclusion, joint: Conclusion | None, attempt: int, recorded: bool, holds: bool
) -> None:
    if holds:
        rules.require_conclusion(conclusion, joint, attempt, recorded)
        return
    with pytest.raises(IllegalMove):
        rules.require_conclusion(conclusion, joint, attempt, recorded)
