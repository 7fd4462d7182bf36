"""What the clock does about a seat: nothing twice, nothing early, in order, whenever it looks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.reviews.rounds.plan import RoundPlan
from portal.reviews.rounds.steps import (
    GRACE,
    Awaited,
    Step,
    StepKind,
    Task,
    least,
    steps,
    to_take,
    upcoming,
)

START = datetime(2026, 12, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REMIND, WARN, ESCALATE, REPLACE = StepKind


def at(hours: float) -> datetime:
    return START + hours * HOUR


@st.composite
def plans(draw: st.DrawFn) -> RoundPlan:
    days = st.integers(1, 20)
    late = draw(st.integers(0, 5))
    return RoundPlan(*(draw(days) for _ in range(4)), late, late + draw(days))


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    awaited = draw(st.sampled_from(Awaited))
    return Task(awaited, START, at(draw(st.integers(1, 400))))


looks = st.lists(st.integers(0, 1500), max_size=12).map(sorted)
"""The hours at which some beat looks."""


def chased(task: Task, plan: RoundPlan, hours: list[int]) -> list[Step]:
    """The steps that are taken if the clock looks at these hours and nothing comes."""
    found: list[Step] = []
    for hour in hours:
        taken = {step.kind: step.at for step in found}
        if REPLACE not in taken:
            found += [Step(at(hour), kind) for kind in to_take(task, plan, taken, at(hour))]
    return found


@given(task=tasks(), plan=plans(), hours=looks)
def test_each_step_is_taken_once_in_order_and_not_before_its_time(
    task: Task, plan: RoundPlan, hours: list[int]
) -> None:
    found, times = chased(task, plan, hours), {step.kind: step.at for step in steps(task, plan)}
    kinds = [step.kind for step in found]
    assert kinds == [kind for kind in StepKind if kind in kinds]
    assert all(step.at >= times[step.kind] for step in found)
    assert all(step.at < task.due for step in found if step.kind is REMIND)


@given(task=tasks(), plan=plans(), hours=looks)
def test_looking_again_at_the_same_instant_changes_nothing(
    task: Task, plan: RoundPlan, hours: list[int]
) -> None:
    twice = [hour for hour in hours for _ in range(2)]
    assert chased(task, plan, twice) == chased(task, plan, hours)


@given(task=tasks(), plan=plans(), hours=looks)
def test_nobody_who_accepted_is_replaced_within_a_day_of_the_warning(
    task: Task, plan: RoundPlan, hours: list[int]
) -> None:
    found = {step.kind: step.at for step in chased(task, plan, hours)}
    if REPLACE in found and task.awaited is Awaited.SHEETS:
        assert found[REPLACE] >= max(found[WARN] + GRACE, task.due + plan.replace_days * DAY)
        assert found[ESCALATE] <= found[REPLACE]


@given(task=tasks(), plan=plans())
def test_somebody_who_is_silent_is_replaced_in_the_end_however_rarely_it_is_looked(
    task: Task, plan: RoundPlan
) -> None:
    kinds = [step.kind for step in chased(task, plan, [2000, 2030])]
    whole = [REPLACE] if task.awaited is Awaited.ANSWER else [WARN, ESCALATE, REPLACE]
    assert kinds == whole


@given(task=tasks(), plan=plans(), hours=looks)
def test_what_is_announced_is_what_happens_next(
    task: Task, plan: RoundPlan, hours: list[int]
) -> None:
    found = chased(task, plan, hours)
    taken = {step.kind: step.at for step in found}
    if REPLACE in taken:
        return
    now = at(max(hours, default=0))
    coming = upcoming(task, plan, taken, now)
    assert coming is not None
    assert coming.at > now
    assert to_take(task, plan, taken, coming.at - timedelta(microseconds=1)) == []
    if coming.kind is not REMIND or coming.at < task.due:
        assert to_take(task, plan, taken, coming.at)[0] is coming.kind


@given(task=tasks(), plan=plans())
def test_a_reminder_never_comes_in_the_first_half_of_the_time(task: Task, plan: RoundPlan) -> None:
    reminder = steps(task, plan)[0]
    assert reminder.kind is REMIND
    assert task.since < reminder.at < task.due
    assert reminder.at - task.since >= task.due - reminder.at


def test_the_usual_plan_in_days() -> None:
    answer = Task(Awaited.ANSWER, START, START + 3 * DAY)
    assert [(one.at - START, one.kind) for one in steps(answer, RoundPlan())] == [
        (2 * DAY, REMIND),
        (3 * DAY, REPLACE),
    ]
    sheets = Task(Awaited.SHEETS, START, START + 10 * DAY)
    assert [(one.at - START, one.kind) for one in steps(sheets, RoundPlan())] == [
        (7 * DAY, REMIND),
        (10 * DAY, WARN),
        (11 * DAY, ESCALATE),
        (15 * DAY, REPLACE),
    ]
    assert sheets.late_by(at(239)) is None
    assert sheets.late_by(at(240)) == timedelta(0)


def test_more_than_half_of_the_sheets_are_enough_to_close() -> None:
    assert [least(seats) for seats in (1, 3, 5, 7, 9)] == [1, 2, 3, 4, 5]
