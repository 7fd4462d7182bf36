"""Dates, exact tranches, the order of milestones, measuring, and what acceptance needs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.challenges.rules import Operator, Target
from portal.core.errors import IllegalMove, Invalid, InvalidInput
from portal.projects import course, rules
from portal.projects.acceptance import rules as acceptance_rules
from portal.projects.acceptance.rules import Measured, Measurement, Readiness, Verdict
from portal.projects.course import Step
from portal.projects.endings.rules import ClaimState
from portal.projects.funds.rules import TRANCHE_MOVES, TrancheState
from portal.projects.milestones import rules as milestone_rules
from portal.projects.milestones.rules import MILESTONE_MOVES, MilestoneState
from portal.projects.rules import PROJECT_MOVES, ProjectState

C, M, P, T = ClaimState, MilestoneState, ProjectState, TrancheState
AT_LEAST = Target(Operator.AT_LEAST, Decimal(30))
JUDGED = Target(Operator.QUALITATIVE)
TODAY = date(2026, 11, 30)
WORDS = "由第三方检测机构于现场连续测试七十二小时得出。"


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-31T10:00", 1, "2026-02-28T10:00"),
        ("2027-11-30T10:00", 3, "2028-02-29T10:00"),
        ("2026-12-05T10:00", 24, "2028-12-05T10:00"),
        ("2026-05-31T23:30", 0, "2026-05-31T23:30"),
    ],
)
def test_months_are_counted_in_beijing(start: str, months: int, expected: str) -> None:
    local = datetime.fromisoformat(start).replace(tzinfo=rules.PLACE)
    later = rules.months_after(local.astimezone(UTC), months)
    assert later.astimezone(rules.PLACE).strftime("%Y-%m-%dT%H:%M") == expected


def test_milestones_are_reported_in_order_with_words_and_evidence() -> None:
    milestone_rules.require_report([M.REPORTED, M.ACCEPTED], P.ACTIVE, WORDS, 1)
    with pytest.raises(IllegalMove):
        milestone_rules.require_report([M.ACCEPTED, M.PLANNED], P.ACTIVE, WORDS, 1)
    with pytest.raises(IllegalMove):
        milestone_rules.require_report([], P.ACCEPTED, WORDS, 1)
    for report, files, field in ((" 短 ", 1, "report"), (WORDS, 0, "evidence")):
        with pytest.raises(Invalid) as refusal:
            milestone_rules.require_report([], P.ACTIVE, report, files)
        assert refusal.value.field == field


def test_milestones_are_accepted_in_order() -> None:
    milestone_rules.require_acceptable([M.ACCEPTED])
    with pytest.raises(IllegalMove):
        milestone_rules.require_acceptable([M.ACCEPTED, M.REPORTED])


def told(value: Decimal | None, verdict: Verdict | None = None, **facts: Any) -> Measurement:
    usual = {"how": WORDS, "tester": "检测中心", "tested_on": TODAY}
    return Measurement(value, verdict, **{**usual, **facts})


@pytest.mark.parametrize(
    ("promised", "value", "said", "expected"),
    [
        (AT_LEAST, Decimal(30), None, (Decimal(30), Verdict.MET)),
        (AT_LEAST, Decimal("29.999999"), Verdict.MET, (Decimal("29.999999"), Verdict.NOT_MET)),
        (Target(Operator.AT_LEAST, Decimal(40)), Decimal(39), None, (Decimal(39), Verdict.PARTLY)),
        (Target(Operator.AT_LEAST, Decimal(40)), None, None, (None, Verdict.NOT_MET)),
        (JUDGED, Decimal(7), Verdict.MET, (None, Verdict.MET)),
        (JUDGED, None, Verdict.PARTLY, (None, Verdict.PARTLY)),
        (JUDGED, None, None, (None, Verdict.NOT_MET)),
    ],
)
def test_numbers_are_compared_and_only_words_are_judged(
    promised: Target,
    value: Decimal | None,
    said: Verdict | None,
    expected: tuple[Decimal | None, Verdict],
) -> None:
    assert acceptance_rules.judged(AT_LEAST, promised, told(value, said)) == expected


@pytest.mark.parametrize(
    ("target", "measured", "evidence", "wrong"),
    [
        (AT_LEAST, told(None, Verdict.MET), True, {"value"}),
        (JUDGED, told(Decimal(1)), True, {"met"}),
        (AT_LEAST, told(Decimal(1), how="短", tester=" "), False, {"how", "tester", "evidence"}),
        (AT_LEAST, told(Decimal(1), tested_on=None), True, {"tested_on"}),
        (AT_LEAST, told(Decimal(1), tested_on=TODAY + timedelta(days=1)), True, {"tested_on"}),
    ],
)
def test_a_measurement_that_lacks_something_is_refused_with_all_of_it(
    target: Target, measured: Measurement, evidence: bool, wrong: set[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        acceptance_rules.check_measurement(target, measured, evidence, TODAY)
    assert {problem.field for problem in refusal.value.problems} == wrong
    acceptance_rules.check_measurement(AT_LEAST, told(Decimal(1)), True, TODAY)


def test_a_missed_promise_beyond_what_was_asked_does_not_bar_acceptance() -> None:
    beyond = Measured(AT_LEAST, mandatory=True, value=Decimal(31), met=False)
    ready = acceptance_rules.readiness([M.ACCEPTED], [beyond])
    assert ready == Readiness(0, 0, 0, 1)
    assert ready.is_ready
    acceptance_rules.require_ready(ready)


@pytest.mark.parametrize(
    ("milestones", "row", "expected"),
    [
        ([M.REPORTED], Measured(AT_LEAST, True, Decimal(30), True), Readiness(1, 0, 0, 0)),
        ([M.ACCEPTED], Measured(AT_LEAST, True, None, None), Readiness(0, 1, 0, 0)),
        ([M.ACCEPTED], Measured(AT_LEAST, True, Decimal(29), False), Readiness(0, 0, 1, 1)),
        ([M.ACCEPTED], Measured(JUDGED, True, None, False), Readiness(0, 0, 1, 1)),
    ],
)
def test_what_bars_acceptance(
    milestones: list[MilestoneState], row: Measured, expected: Readiness
) -> None:
    ready = acceptance_rules.readiness(milestones, [row])
    assert ready == expected
    with pytest.raises(IllegalMove):
        acceptance_rules.require_ready(ready)


def test_an_optional_indicator_may_fall_short() -> None:
    ready = acceptance_rules.readiness([], [Measured(AT_LEAST, False, Decimal(1), False)])
    assert ready.is_ready
    assert ready.missed_promises == 1


@pytest.mark.parametrize(
    ("project", "milestones", "tranches", "ready", "expected"),
    [
        (P.ACTIVE, [M.PLANNED], [T.PLANNED], Readiness(1, 1, 0, 0), [Step.REPORT]),
        (
            P.ACTIVE,
            [M.REPORTED, M.PLANNED],
            [T.DUE],
            Readiness(2, 1, 0, 0),
            [Step.DECIDE, Step.PAY, Step.REPORT],
        ),
        (P.ACTIVE, [M.ACCEPTED, M.REWORK], [], Readiness(1, 1, 0, 0), [Step.REPORT]),
        (P.ACTIVE, [M.FAILED, M.PLANNED], [T.DUE], Readiness(2, 1, 0, 0), [Step.FAILED, Step.PAY]),
        (P.ACTIVE, [M.PASSED_OVER], [], Readiness(0, 1, 0, 0), [Step.REQUEST]),
        (P.ACTIVE, [M.REPORTED], [], Readiness(1, 1, 0, 0), [Step.DECIDE]),
        (P.ACTIVE, [M.ACCEPTED], [T.DUE], Readiness(0, 1, 0, 0), [Step.PAY, Step.REQUEST]),
        (P.ACTIVE, [M.ACCEPTED], [T.PAID], Readiness(0, 0, 1, 1), [Step.REQUEST]),
        (P.ACTIVE, [M.ACCEPTED], [T.PAID], Readiness(0, 0, 0, 1), [Step.REQUEST]),
        (P.ACCEPTED, [M.ACCEPTED], [T.DUE], Readiness(0, 0, 0, 0), [Step.PAY]),
        (P.ACCEPTED, [M.ACCEPTED], [T.PAID], Readiness(0, 0, 0, 0), []),
    ],
)
def test_what_comes_next(
    project: ProjectState,
    milestones: list[MilestoneState],
    tranches: list[TrancheState],
    ready: Readiness,
    expected: list[Step],
) -> None:
    assert course.steps(project, milestones, tranches, ready) == expected


@pytest.mark.parametrize(
    ("project", "settled", "claims", "expected"),
    [
        (P.ACTIVE, False, [], []),
        (P.SUSPENDED, False, [], [Step.RESUME]),
        (P.FAILED, False, [], [Step.SETTLE]),
        (P.FAILED, True, [C.SETTLED, C.OPEN], [Step.PAY_BACK]),
        (P.FAILED, True, [C.SETTLED], []),
        (P.TERMINATED, True, [C.OPEN], [Step.PAY_BACK]),
    ],
)
def test_a_project_that_stands_or_has_ended_says_what_is_left_of_it(
    project: ProjectState, settled: bool, claims: list[ClaimState], expected: list[Step]
) -> None:
    assert course.steps_back(project, settled, claims) == expected


def test_the_lifecycles_have_these_moves_and_no_others() -> None:
    tables = {
        (move.state, move.action): move.next
        for moves in (PROJECT_MOVES, MILESTONE_MOVES, TRANCHE_MOVES)
        for move in moves
    }
    assert tables == {
        (P.SIGNING, "sign"): P.ACTIVE,
        (P.SIGNING, "lapse"): P.LAPSED,
        (P.SIGNING, "refuse"): P.LAPSED,
        (P.LAPSED, "revive"): P.SIGNING,
        (P.ACTIVE, "accept"): P.ACCEPTED,
        (P.ACTIVE, "suspend"): P.SUSPENDED,
        (P.SUSPENDED, "resume"): P.ACTIVE,
        **{(state, "stop"): P.STOPPED for state in (P.ACTIVE, P.SUSPENDED)},
        **{(state, "terminate"): P.TERMINATED for state in (P.ACTIVE, P.SUSPENDED)},
        **{(state, "revoke"): P.REVOKED for state in (P.ACTIVE, P.SUSPENDED)},
        (P.ACTIVE, "fail"): P.FAILED,
        (M.PLANNED, "report"): M.REPORTED,
        (M.REPORTED, "accept"): M.ACCEPTED,
        (M.REPORTED, "rework"): M.REWORK,
        (M.REWORK, "report"): M.REPORTED,
        (M.PLANNED, "fail"): M.FAILED,
        (M.REPORTED, "fail"): M.FAILED,
        (M.REWORK, "fail"): M.FAILED,
        (M.FAILED, "pass_over"): M.PASSED_OVER,
        (T.PLANNED, "release"): T.DUE,
        (T.PLANNED, "block"): T.BLOCKED,
        (T.DUE, "pay"): T.PAID,
        (T.PAID, "reopen"): T.DUE,
        **{(state, "cancel"): T.CANCELLED for state in (T.PLANNED, T.DUE)},
    }
