"""What is awaited of a seat's reviewer, and which steps were taken about it."""

from datetime import datetime

from portal.reviews.rounds import steps
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import RoundKind, SeatState
from portal.reviews.rounds.steps import Awaited, Step, StepKind, Taken, Task
from portal.reviews.sheets.rules import SheetState


def task_of(seat: Seat) -> Task | None:
    """An answer to the invitation, or sheets; None when the reviewer has nothing to do, or does it in a
    meeting."""
    if seat.state is SeatState.INVITED:
        return Task(Awaited.ANSWER, seat.invited_at, seat.answer_by)
    if seat.state is not SeatState.ACCEPTED or seat.round.kind is RoundKind.MEETING:
        return None
    if any(sheet.state is SheetState.DRAFT for sheet in seat.sheets):
        return Task(Awaited.SHEETS, seat.answered_at or seat.invited_at, seat.sheets_due_at)
    return None


def taken(seat: Seat, task: Task) -> Taken:
    """The steps that were taken about a task; with more time they begin anew."""
    return {step.kind: step.at for step in seat.steps if step.due_at == task.due}


def due(seat: Seat, now: datetime) -> list[tuple[Task, StepKind]]:
    """What is to be done about a seat at `now`, in order, and about which task."""
    task = task_of(seat)
    if task is None:
        return []
    found = steps.to_take(task, seat.round.days, taken(seat, task), now)
    return [(task, kind) for kind in found]


def upcoming(seat: Seat, now: datetime) -> Step | None:
    """What happens next to a seat by itself, and when."""
    task = task_of(seat)
    if task is None:
        return None
    return steps.upcoming(task, seat.round.days, taken(seat, task), now)
