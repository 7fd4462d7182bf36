"""What reviewers and officers have to do about reviews."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.access import Actor, Role
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets.rules import SheetState


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Invitations to answer and sheets to submit."""
    if not actor.has(Role.REVIEWER):
        return []
    found = []
    for seat in round_queries.my_seats(session, actor):
        title: dict[str, object] = {"title": seat.round.challenge.title}
        values = {"seat_id": seat.id}
        if seat.state is SeatState.INVITED and now < seat.answer_by:
            text = Message(N_("Answer the invitation to review “%(title)s”"), title)
            found.append(Todo(text, "reviews.seat", values, seat.answer_by))
        waits = any(sheet.state is SheetState.DRAFT for sheet in seat.sheets)
        if seat.state is SeatState.ACCEPTED and waits:
            text = Message(N_("Score the bids on “%(title)s”"), title)
            found.append(Todo(text, "reviews.seat", values, seat.round.sheets_due_at))
    return found
