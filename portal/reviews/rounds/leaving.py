"""A seat without its reviewer, who declined, was silent, is late, or is excused."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import Actor
from portal.core.titles import both
from portal.core.words import Message
from portal.notifications.service import notify
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SEAT_MOVES, RoundKind
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SHEET_MOVES, SheetState


def leave(
    session: Session, actor: Actor, seat: Seat, move: str, reason: str, now: datetime
) -> None:
    """The seat is free, its sheets are void; in a pool round those handed in stay, and the seat with
    them. Raises IllegalMove."""
    after = SEAT_MOVES.after(seat.state, move)
    stays = _handed_in(seat)
    for sheet in seat.sheets:
        if sheet not in stays and SHEET_MOVES.allows(sheet.state, "void"):
            void(session, actor, sheet, after.value, now)
    if stays:
        bids = {sheet.bid_id for sheet in stays}
        seat.given = [one for one in seat.given if one.bid_id in bids]
        SEAT_MOVES.move(seat, "finish")
    else:
        SEAT_MOVES.move(seat, move)
    seat.reason = reason


def void(session: Session, actor: Actor, sheet: Sheet, why: str, now: datetime) -> None:
    """A sheet counts no more."""
    facts = {"was": sheet.state.value, "total": sheet.total or "", "why": why}
    SHEET_MOVES.move(sheet, "void")
    audit.record(session, actor, Action.SHEET_VOIDED, sheet.subject_ref, now, **facts)


def _handed_in(seat: Seat) -> list[Sheet]:
    """What stays of a seat; nothing of a panel's, whose members score every bid."""
    if seat.round.kind is not RoundKind.POOL:
        return []
    return [sheet for sheet in seat.sheets if sheet.state is SheetState.SUBMITTED]


def tell(session: Session, seat: Seat, text: str) -> None:
    """Tell the reviewer what became of the seat, once."""
    news = Message(text, {"title": both(seat.round.challenge)})
    people = [seat.reviewer.person_id]
    notify(session, people, f"seat.left:{seat.id}", news, f"/seats/{seat.id}")
