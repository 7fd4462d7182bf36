"""Giving a submitted sheet back to its reviewer: two officers, a reason, and what it said is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, NotFound
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.reviews.rankings.models import ScoreChange
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import SEAT_MOVES, SeatState
from portal.reviews.sheets import policy, queries
from portal.reviews.sheets.models import Sheet, SheetReturn
from portal.reviews.sheets.rules import REASON_MINIMUM, RETURN_MOVES, SHEET_MOVES


def ask(actor: Actor, sheet_id: UUID, reason: str, now: datetime) -> SheetReturn:
    """Ask that a submitted sheet goes back to its reviewer; the other officers are told.

    Raises NotFound, NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        sheet, review = _locked(session, sheet_id)
        policy.may_give_back(actor, review).enforce()
        if len(reason.strip()) < REASON_MINIMUM:
            raise Invalid("reason", N_("At least %(min)d characters, please."), min=REASON_MINIMUM)
        SHEET_MOVES.after(sheet.state, "reopen")
        if queries.asked_return(session, sheet_id) is not None:
            raise IllegalMove(N_("A second officer is asked about this sheet already."))
        kept = {"reason": reason.strip(), "asked_by": actor.user_id, "asked_at": now}
        made = SheetReturn(sheet_id=sheet.id, **kept)
        session.add(made)
        session.flush()
        facts = {"reason": made.reason}
        audit.record(session, actor, Action.SHEET_RETURN_ASKED, sheet.subject_ref, now, **facts)
        text = N_("Another officer asks you to agree that a sheet of “%(title)s” is given back.")
        told = Message(text, {"title": both(review.challenge)})
        officers = challenges.managers(session, review.challenge)
        people = [one for one in officers if one != actor.user_id]
        notify(session, people, f"sheet.return:{made.id}", told, f"/sheets/{sheet.id}/give-back")
    return made


def agree(actor: Actor, sheet_id: UUID, now: datetime) -> Sheet:
    """Make it a draft again, as another officer asked. Raises NotFound, NotAllowed, IllegalMove."""
    with transaction() as session:
        sheet, review = _locked(session, sheet_id)
        asked = _asked(session, sheet_id)
        policy.may_agree(actor, asked, review).enforce()
        RETURN_MOVES.move(asked, "agree")
        asked.decided_by, asked.decided_at = actor.user_id, now
        _reopen(session, actor, sheet, asked, now)
        text = N_("A sheet of “%(title)s” is given back to you: %(reason)s")
        told = Message(text, {"title": both(review.challenge), "reason": asked.reason})
        people = [sheet.seat.reviewer.person_id]
        key = f"sheet.reopened:{sheet.id}:{sheet.revision}"
        notify(session, people, key, told, f"/seats/{sheet.seat_id}")
    return sheet


def refuse(actor: Actor, sheet_id: UUID, now: datetime) -> Sheet:
    """Leave the sheet as it is; who asked may do so too. Raises NotFound, NotAllowed."""
    with transaction() as session:
        sheet, review = _locked(session, sheet_id)
        asked = _asked(session, sheet_id)
        policy.may_give_back(actor, review).enforce()
        RETURN_MOVES.move(asked, "refuse")
        asked.decided_by, asked.decided_at = actor.user_id, now
        audit.record(session, actor, Action.SHEET_RETURN_REFUSED, sheet.subject_ref, now)
    return sheet


def _locked(session: Session, sheet_id: UUID) -> tuple[Sheet, Round]:
    sheet = queries.any_sheet(session, sheet_id)
    review = round_queries.lock(session, sheet.seat.round_id)
    session.refresh(sheet, ["state", "scores"])
    return sheet, review


def _asked(session: Session, sheet_id: UUID) -> SheetReturn:
    found = queries.asked_return(session, sheet_id)
    if found is None:
        raise NotFound
    return found


def _reopen(
    session: Session, actor: Actor, sheet: Sheet, asked: SheetReturn, now: datetime
) -> None:
    """A draft again; points and reasons as they were stand beside, with why."""
    SHEET_MOVES.move(sheet, "reopen")
    kept = {"reason": asked.reason, "by": asked.asked_by, "at": now}
    for score in sheet.scores:
        old = {"old_points": score.points, "old_reason": score.reason}
        session.add(ScoreChange(score_id=score.id, **old, **kept))
    facts = {"total": sheet.total or "", "reason": asked.reason}
    sheet.total, sheet.submitted_at, sheet.reopened_at = None, None, now
    if sheet.seat.state is SeatState.DONE:
        SEAT_MOVES.move(sheet.seat, "reopen")
    audit.record(session, actor, Action.SHEET_REOPENED, sheet.subject_ref, now, **facts)
