"""What the board of a round shows: who, where, how late, and what happens next by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.queries import names_of
from portal.audit import queries as audit_queries
from portal.audit.rules import Action
from portal.core.access import SYSTEM
from portal.core.words import N_, Message
from portal.reviews.rounds import awaiting, overrides, steps
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SEATED, UNDER_WAY, RoundKind, SeatState
from portal.reviews.rounds.steps import Step, Task
from portal.reviews.sheets.rules import SheetState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LAST = 40
"""Entries of a seat's history."""
TONES = {SeatState.INVITED: "waiting", SeatState.ACCEPTED: "active", SeatState.DONE: "done"}


def span(length: timedelta) -> Message:
    """A time in whole days, or in hours below two days."""
    if length >= 2 * DAY:
        return Message(N_("%(count)s days"), {"count": length // DAY})
    if length >= 2 * HOUR:
        return Message(N_("%(count)s hours"), {"count": length // HOUR})
    return Message(N_("%(count)s min"), {"count": length // timedelta(minutes=1)})


@dataclass(frozen=True)
class Row:
    """A seat on the board."""

    seat: Seat
    task: Task | None
    next: Step | None
    submitted: int
    now: datetime

    @classmethod
    def of(cls, seat: Seat, now: datetime) -> "Row":
        """As a seat stands at `now`."""
        done = sum(sheet.state is SheetState.SUBMITTED for sheet in seat.sheets)
        return cls(seat, awaiting.task_of(seat), awaiting.upcoming(seat, now), done, now)

    @property
    def late(self) -> Message | None:
        """By how much, in words; None when in time."""
        length = self.task.late_by(self.now) if self.task else None
        return None if length is None else span(length)

    @property
    def left(self) -> Message | None:
        """How much time there is, in words."""
        return None if self.task is None or self.late else span(self.task.due - self.now)

    @property
    def is_soon(self) -> bool:
        """Whether what comes next is due already, and waits for a worker only."""
        return self.next is not None and self.next.at <= self.now

    @property
    def sheets(self) -> int:
        """How many sheets count."""
        return sum(sheet.state is not SheetState.VOID for sheet in self.seat.sheets)

    @property
    def tone(self) -> str:
        """Of the state's badge."""
        return TONES.get(self.seat.state, "neutral")


def rows_of(review: Round, now: datetime) -> list[Row]:
    """Who is late comes first, then whose time ends next, then those who have nothing to do."""
    rows = [Row.of(seat, now) for seat in review.seats]
    never = (2, now)

    def place(row: Row) -> tuple[tuple[int, datetime], int]:
        waits = (1, row.task.due) if row.task else (never if row.seat.state in SEATED else (3, now))
        return waits, row.seat.position

    return sorted(rows, key=place)


def values(review: Round | None, now: datetime) -> dict[str, Any]:
    """Of the board."""
    if review is None:
        return {"rows": [], "late": [], "next_row": None, "is_under_way": False}
    rows = rows_of(review, now)
    coming = [row for row in rows if row.next is not None]
    is_under_way = review.state in UNDER_WAY
    return {
        "rows": rows,
        "late": [row for row in rows if row.late],
        "next_row": min(coming, key=lambda row: row.next.at if row.next else now, default=None),
        "is_under_way": is_under_way,
        "plan": review.days,
    }


def round_values(session: Session, review: Round) -> dict[str, Any]:
    """Of what an officer may do with the whole round."""
    closes = review.kind is not RoundKind.MEETING and review.state in UNDER_WAY
    return {
        "fewest": overrides.fewest(session, review) if closes else 0,
        "least": steps.least(review.seats_wanted),
        "may_close": closes,
    }


def is_open(seat: Seat) -> bool:
    """Whether an officer may still do something about it."""
    return seat.round.state in UNDER_WAY and seat.state in (SeatState.INVITED, SeatState.ACCEPTED)


@dataclass(frozen=True)
class Happened:
    """A line of a seat's history, from the log."""

    at: datetime
    what: Action
    who: str | None
    reason: str


def history(session: Session, seat: Seat) -> Sequence[Happened]:
    """What happened to a seat, the newest first; who is None for the portal itself."""
    found = audit_queries.entries(session, subject=seat.subject_ref, limit=LAST)
    people = {UUID(entry.actor_ref) for entry, _ in found} - {SYSTEM.user_id}
    names = {str(key): name for key, name in names_of(session, people).items()}
    return [
        Happened(
            entry.at,
            Action(entry.kind),
            names.get(entry.actor_ref),
            (entry.payload or {}).get("reason", ""),
        )
        for entry, _ in found
    ]
