"""What the clock does in a round: reminders, warnings, word to the officers, the next one asked.

A step is a row, unique for its seat, kind and date, written with its effect under the round's lock:
however many beats and workers there are, and wherever one is killed, it is taken once.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.core import outbox
from portal.core.access import SYSTEM
from portal.core.db import transaction
from portal.core.outbox import Topic
from portal.core.titles import both
from portal.core.words import N_, Message, Title
from portal.notifications.service import notify
from portal.reviews.rounds import awaiting, leaving, queries
from portal.reviews.rounds.models import Seat, SeatStep
from portal.reviews.rounds.steps import Awaited, StepKind, Task

REMINDERS = {
    Awaited.ANSWER: N_("Please answer the invitation to review “%(title)s”."),
    Awaited.SHEETS: N_("Please submit your score sheets on “%(title)s”."),
}
LOST = {
    Awaited.ANSWER: N_("You gave no answer in time: the next is asked to review “%(title)s”."),
    Awaited.SHEETS: N_("Your sheets on “%(title)s” did not come: the next in order is asked."),
}


class _Turn(NamedTuple):
    """A step about to be taken."""

    session: Session
    seat: Seat
    task: Task
    now: datetime

    @property
    def title(self) -> Title:
        return both(self.seat.round.challenge)

    def log(self, action: Action) -> None:
        due = self.task.due.isoformat()
        audit.record(self.session, SYSTEM, action, self.seat.subject_ref, self.now, due=due)

    def write(self, kind: StepKind, text: str) -> None:
        """To the reviewer."""
        news = Message(text, {"title": self.title})
        key = f"seat.{kind.value}:{self.seat.id}:{self.task.due.isoformat()}"
        people = [self.seat.reviewer.person_id]
        notify(self.session, people, key, news, f"/seats/{self.seat.id}")


def due_rounds(session: Session, now: datetime) -> list[UUID]:
    """The rounds in which a step is due, in the order of their ids; nothing is locked."""
    found = {seat.round_id for seat in queries.awaited(session) if awaiting.due(seat, now)}
    return sorted(found)


def chase(round_id: UUID, now: datetime) -> None:
    """Take every step that is due in a round; a second run finds none."""
    with transaction() as session:
        review = queries.lock(session, round_id)
        for seat in review.seats:
            for task, kind in awaiting.due(seat, now):
                seat.steps.append(SeatStep(kind=kind, due_at=task.due, at=now))
                _take(_Turn(session, seat, task, now), kind)


def _take(turn: _Turn, kind: StepKind) -> None:
    match kind:
        case StepKind.REMIND:
            _remind(turn)
        case StepKind.WARN:
            _warn(turn)
        case StepKind.ESCALATE:
            _escalate(turn)
        case StepKind.REPLACE:
            _replace(turn)


def _remind(turn: _Turn) -> None:
    turn.log(Action.SEAT_REMINDED)
    turn.write(StepKind.REMIND, REMINDERS[turn.task.awaited])


def _warn(turn: _Turn) -> None:
    turn.log(Action.SEAT_WARNED)
    text = N_("Your sheets on “%(title)s” are late: please submit them now, or give the seat back.")
    turn.write(StepKind.WARN, text)


def _escalate(turn: _Turn) -> None:
    """Word to the officers, who extend, excuse or replace before it happens by itself."""
    turn.log(Action.SEAT_ESCALATED)
    challenge = turn.seat.round.challenge
    text = N_("%(name)s is late with the sheets of “%(title)s”.")
    news = Message(text, {"name": turn.seat.reviewer.person.name, "title": turn.title})
    key = f"seat.late:{turn.seat.id}:{turn.task.due.isoformat()}"
    people = challenges.managers(turn.session, challenge)
    notify(turn.session, people, key, news, f"/challenges/{challenge.code}/round")


def _replace(turn: _Turn) -> None:
    leaving.leave(turn.session, SYSTEM, turn.seat, "replace", turn.seat.reason, turn.now)
    turn.log(Action.SEAT_REPLACED)
    leaving.tell(turn.session, turn.seat, LOST[turn.task.awaited])
    outbox.announce(turn.session, Topic.SEAT_VACATED, round_id=turn.seat.round_id)
