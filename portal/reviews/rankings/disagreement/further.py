"""A further reviewer for one bid in dispute: the next in the order of the draw, beside the panel."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import SYSTEM
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.draws import service as draws
from portal.reviews.rankings.disagreement.models import Disagreement
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SEAT_MOVES, SEATED, SeatState
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SHEET_MOVES, SheetState


def invite(session: Session, found: Disagreement, now: datetime) -> bool:
    """Invite the next in order, unless somebody sits; the round is locked. False with nobody left."""
    review = found.round
    session.refresh(review, ["seats"])
    if _seats(session, found):
        return True
    reviewer = draws.following(session, review, now)
    if reviewer is None:
        return False
    place = len(review.seats)
    seat = Seat(
        round=review,
        reviewer=reviewer,
        position=place,
        invited_at=now,
        answer_by=found.ends_at,
        only_bid_id=found.bid_id,
    )
    session.add(seat)
    session.flush()
    audit.record(session, SYSTEM, Action.SEAT_INVITED, f"seat:{seat.id}", now, place=place)
    text = N_("You are invited to review one bid on “%(title)s”.")
    news = Message(text, {"title": both(review.challenge)})
    notify(session, [reviewer.person_id], f"seat.invited:{seat.id}", news, f"/seats/{seat.id}")
    return True


def give_sheets(session: Session, found: Disagreement) -> None:
    """A sheet for who has accepted; the second time there is one."""
    for seat in _seats(session, found):
        if seat.state is SeatState.ACCEPTED and not seat.sheets:
            session.add(Sheet(seat=seat, bid_id=found.bid_id))
            seat.due_at = found.ends_at


def release(session: Session, found: Disagreement, now: datetime) -> None:
    """When it is closed, whoever has not handed in need not any more."""
    for seat in _seats(session, found):
        if seat.state is SeatState.DONE:
            continue
        for sheet in seat.sheets:
            if sheet.state is SheetState.DRAFT:
                SHEET_MOVES.move(sheet, "void")
        SEAT_MOVES.move(seat, "close")
        audit.record(session, SYSTEM, Action.SEAT_REPLACED, f"seat:{seat.id}", now)
        text = N_("The further review of “%(title)s” is no longer needed.")
        news = Message(text, {"title": both(found.round.challenge)})
        people = [seat.reviewer.person_id]
        notify(session, people, f"seat.released:{seat.id}", news, f"/seats/{seat.id}")


def _seats(session: Session, found: Disagreement) -> list[Seat]:
    query = select(Seat).where(
        Seat.round_id == found.round_id,
        Seat.only_bid_id == found.bid_id,
        Seat.state.in_(list(SEATED)),
    )
    return list(session.scalars(query))
