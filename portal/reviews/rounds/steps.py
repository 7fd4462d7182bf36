"""What happens to a seat by the clock: reminders, a warning, word to the officers, the next asked."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.core.words import N_, Worded
from portal.reviews.rounds.plan import RoundPlan

GRACE = timedelta(days=1)
"""Nobody who accepted is replaced sooner than this after the warning, however late that came."""


class StepKind(Worded):
    """What is done about somebody who is awaited, by the clock."""

    REMIND = "remind", N_("A reminder")
    WARN = "warn", N_("A warning that the sheets are late")
    ESCALATE = "escalate", N_("Word to the officers")
    REPLACE = "replace", N_("The next in order is asked")


class Awaited(Worded):
    """What a reviewer owes."""

    ANSWER = "answer", N_("the answer")
    SHEETS = "sheets", N_("the sheets")


class Task(NamedTuple):
    """What is awaited of a reviewer, since when, and by when."""

    awaited: Awaited
    since: datetime
    due: datetime

    def late_by(self, now: datetime) -> timedelta | None:
        """How late it is; None when it is not. The instant itself is late."""
        return now - self.due if now >= self.due else None


class Step(NamedTuple):
    """Something that happens by itself, and when."""

    at: datetime
    kind: StepKind


Taken = Mapping[StepKind, datetime]
"""The steps that were taken about a task, each with its time."""


def steps(task: Task, plan: RoundPlan) -> tuple[Step, ...]:
    """All that would happen if nothing comes, in order."""
    due = task.due
    if task.awaited is Awaited.ANSWER:
        reminder = _reminder(task, plan.remind_days)
        return Step(reminder, StepKind.REMIND), Step(due, StepKind.REPLACE)
    told = due + timedelta(days=plan.late_days)
    return (
        Step(_reminder(task, plan.score_remind_days), StepKind.REMIND),
        Step(due, StepKind.WARN),
        Step(told, StepKind.ESCALATE),
        Step(max(told, due + timedelta(days=plan.replace_days)), StepKind.REPLACE),
    )


def _reminder(task: Task, days: int) -> datetime:
    """So many days before the end, but not in the first half of the time."""
    return max(task.due - timedelta(days=days), task.since + (task.due - task.since) / 2)


def to_take(task: Task, plan: RoundPlan, taken: Taken, now: datetime) -> list[StepKind]:
    """What is to be done at `now`, in order: nothing twice, and no reminder of what is over."""
    return [step.kind for step in _left(task, plan, taken, now) if step.at <= now]


def upcoming(task: Task, plan: RoundPlan, taken: Taken, now: datetime) -> Step | None:
    """What happens next by itself, and when; what is due already happens within a minute."""
    return next(_left(task, plan, taken, now), None)


def _left(task: Task, plan: RoundPlan, taken: Taken, now: datetime) -> Iterator[Step]:
    for step in steps(task, plan):
        if step.kind in taken or (step.kind is StepKind.REMIND and now >= task.due):
            continue
        if step.kind is StepKind.REPLACE and task.awaited is Awaited.SHEETS:
            warned = taken.get(StepKind.WARN, max(now, task.due))
            yield Step(max(step.at, warned + GRACE), step.kind)
        else:
            yield step


def least(seats: int) -> int:
    """The fewest sheets of a bid with which a round may be closed: more than half."""
    return seats // 2 + 1
